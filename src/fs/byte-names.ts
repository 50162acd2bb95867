import { isUtf8 } from 'node:buffer'

/**
 * Names on a disk are bytes. As text here a byte that is no UTF-8 is half of a surrogate pair, U+DC80 to U+DCFF, which
 * no UTF-8 stands for, so that every name has one text and every text its bytes again.
 */
const LONE = /[\udc80-\udcff]/u
const EACH_LONE = /([\udc80-\udcff])/u

export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  // Much of a long text may be well: it is cut at a character that no other one has a part in.
  const cut = bytes.length > 256 ? asciiNear(bytes, bytes.length >> 1) : undefined
  if (cut === undefined) return oneByOne(bytes)
  return textOfBytes(bytes.subarray(0, cut)) + textOfBytes(bytes.subarray(cut))
}

export function bytesOfText(text: string): Buffer {
  if (!LONE.test(text)) return Buffer.from(text)
  const parts = text.split(EACH_LONE)
  return Buffer.concat(
    parts.map((part) => (LONE.test(part) ? Buffer.from([part.charCodeAt(0) & 0xff]) : Buffer.from(part))),
  )
}

/** A path as the file system takes it. */
export function diskPath(path: string): string | Buffer {
  return LONE.test(path) ? bytesOfText(path) : path
}

/** For people, and for programs that take no halves of pairs. */
export function shownText(text: string): string {
  return LONE.test(text)
    ? text
        .split(EACH_LONE)
        .map((part) => part.replace(LONE, '\ufffd'))
        .join('')
    : text
}

function asciiNear(bytes: Buffer, middle: number): number | undefined {
  const after = bytes.subarray(middle).findIndex((byte) => byte < 0x80)
  const at = after >= 0 ? middle + after : bytes.subarray(0, middle).findLastIndex((byte) => byte < 0x80)
  return at > 0 ? at : undefined
}

function oneByOne(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0
    const length = lengthAfter(first)
    const isWhole = length > 1 && isUtf8(bytes.subarray(at, at + length))
    if (isWhole) text += bytes.toString('utf8', at, at + length)
    else text += String.fromCharCode(length === 1 ? first : 0xdc00 + first)
    at += isWhole ? length : 1
  }
  return text
}

/** How many bytes a character has that begins so; 0 for what begins none. */
function lengthAfter(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}
