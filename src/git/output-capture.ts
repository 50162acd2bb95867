import { StringDecoder } from 'node:string_decoder'
import { textOfBytes } from '../fs/byte-names.js'

const MAX_LINE_LENGTH = 64 * 1024
const HEAD_LENGTH = 16 * 1024
const TAIL_LENGTH = 48 * 1024

/** Collects bytes up to a cap, and says when the cap is passed. */
export class CappedBytes {
  readonly #maxBytes: number
  readonly #chunks: Buffer[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Answers 'full' once more than the cap has arrived; from then on nothing is kept. */
  add(chunk: Buffer): 'kept' | 'full' {
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) {
      this.#chunks.length = 0
      return 'full'
    }
    this.#chunks.push(chunk)
    return 'kept'
  }

  text(): string {
    return textOfBytes(Buffer.concat(this.#chunks))
  }
}

/** Cuts a stream into lines at `\n` and at `\r`, which git puts between two states of one progress line. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #pending = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  add(chunk: Buffer): void {
    const lines = (this.#pending + this.#decoder.write(chunk)).split(/[\r\n]/)
    this.#pending = lines.pop() ?? ''
    for (const line of lines) this.#emit(line)
    if (this.#pending.length > MAX_LINE_LENGTH) this.end()
  }

  /** Hands over what came after the last line break. */
  end(): void {
    const rest = this.#pending
    this.#pending = ''
    this.#emit(rest)
  }

  #emit(line: string): void {
    if (line !== '') this.#onLine(line)
  }
}

/** Keeps the first and the last lines of a text of any length, in bounded memory. */
export class Transcript {
  readonly #head: string[] = []
  readonly #tail: string[] = []
  #headLength = 0
  #tailLength = 0
  #dropped = 0

  add(line: string): void {
    if (this.#dropped === 0 && this.#tail.length === 0 && this.#headLength + line.length <= HEAD_LENGTH) {
      this.#headLength += line.length + 1
      this.#head.push(line)
      return
    }
    this.#tail.push(line)
    this.#tailLength += line.length + 1
    while (this.#tailLength > TAIL_LENGTH && this.#tail.length > 1) this.#dropOldest()
  }

  text(): string {
    const gap = this.#dropped > 0 ? [`[${this.#dropped} lines left out]`] : []
    return [...this.#head, ...gap, ...this.#tail].join('\n')
  }

  #dropOldest(): void {
    this.#tailLength -= (this.#tail.shift()?.length ?? 0) + 1
    this.#dropped += 1
  }
}
