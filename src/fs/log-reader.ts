import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { namesIn } from './presence.js'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
// Opening a pipe would otherwise wait for its writer.
const FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
const CHUNK_BYTES = 64 * 1024
const NEWLINE = 0x0a

/** Reads what `appendLine` writes: the file, and the ones that were set aside when it had grown too large. */
export class LogReader {
  readonly #file: string
  /** By the file's identity, which stays when it is given another name: where the next line begins, in bytes. */
  readonly #nextLine = new Map<string, number>()

  constructor(file: string) {
    this.#file = file
  }

  /**
   * The lines that came since the last call, the oldest first; none where there is no log. One that has no end yet is
   * left for the next call.
   *
   * @throws IntegrityError TAMPERED where a link or anything but a file stands in the log's place.
   */
  async *newLines(): AsyncGenerator<string, void> {
    // Opened before its elders are listed: whatever was set aside until then is among them, and what is set aside
    // later is this very file.
    const current = await openIfPresent(this.#file)
    try {
      for (const elder of await setAside(this.#file)) yield* this.#linesAt(elder)
      if (current !== undefined) yield* this.#linesOf(current)
    } finally {
      await current?.close()
    }
  }

  async *#linesAt(file: string): AsyncGenerator<string, void> {
    const handle = await openIfPresent(file)
    try {
      if (handle !== undefined) yield* this.#linesOf(handle)
    } finally {
      await handle?.close()
    }
  }

  async *#linesOf(handle: FileHandle): AsyncGenerator<string, void> {
    const { dev, ino, size } = await handle.stat({ bigint: true })
    const identity = `${dev}:${ino}`
    const known = this.#nextLine.get(identity) ?? 0
    // Shorter than it was: another file, which was given the number of one that is gone.
    const start = size < known ? 0 : known
    for await (const { text, end } of linesFrom(handle, start)) {
      this.#nextLine.set(identity, end)
      if (text !== '') yield text
    }
  }
}

interface Line {
  readonly text: string
  /** The position behind it, in bytes. */
  readonly end: number
}

async function* linesFrom(handle: FileHandle, start: number): AsyncGenerator<Line, void> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let position = start
  let begun = Buffer.alloc(0)
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position + begun.length)
    if (bytesRead === 0) return
    const bytes = Buffer.concat([begun, chunk.subarray(0, bytesRead)])
    let next = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, next)) {
      const text = bytes.toString('utf8', next, end)
      next = end + 1
      yield { text, end: position + next }
    }
    position += next
    begun = bytes.subarray(next)
  }
}

/** By their numbers, which begin with the millisecond in which it was done and are all of one length. */
async function setAside(file: string): Promise<string[]> {
  const prefix = `${basename(file)}.`
  const isElder = (name: string) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))
  const names = (await namesIn(dirname(file))).filter(isElder)
  return names.sort().map((name) => join(dirname(file), name))
}

async function openIfPresent(file: string): Promise<FileHandle | undefined> {
  try {
    return await assertFile(await open(file, FLAGS), file)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw isSystemError(error, 'ELOOP', 'EMLINK', 'ENXIO') ? tampered(file, error) : error
  }
}

async function assertFile(handle: FileHandle, file: string): Promise<FileHandle> {
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw tampered(file)
}

function tampered(file: string, cause?: unknown): IntegrityError {
  return new IntegrityError('TAMPERED', 'the audit log is no regular file', { data: { file }, cause })
}
