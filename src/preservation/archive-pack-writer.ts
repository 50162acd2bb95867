import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { constants, createDeflate, deflateSync } from 'node:zlib'
import type { ObjectFormat } from '../model/object-format.js'

export type ObjectType = 'commit' | 'tree' | 'blob'

/** One object, ready to be written. */
export interface PackedObject {
  readonly oid: string
  readonly type: ObjectType
  readonly size: number
  readonly deflated: Buffer
}

const TYPES: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3 }
const HEADER_BYTES = 12
const BUFFER_BYTES = 1 << 20
/** Somebody is waiting for the archive; git's own packs are compressed better when they are repacked. */
const LEVEL = constants.Z_BEST_SPEED

/**
 * Writes a pack (gitformat-pack(5)) object by object, in bounded memory: git's own programs would want to see each
 * file, with filters and attributes, or hold all names in memory.
 */
export class PackWriter {
  readonly #file: FileHandle
  readonly #path: string
  readonly #format: ObjectFormat
  readonly #seen = new Set<string>()
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #buffered = 0
  #count = 0

  private constructor(file: FileHandle, path: string, format: ObjectFormat) {
    this.#file = file
    this.#path = path
    this.#format = format
  }

  static async create(path: string, format: ObjectFormat): Promise<PackWriter> {
    const writer = new PackWriter(await open(path, 'wx+', 0o600), path, format)
    await writer.#append(Buffer.alloc(HEADER_BYTES))
    return writer
  }

  /** Names and compresses an object without writing it, so that several can be made ready at once. */
  pack(type: ObjectType, content: Buffer): PackedObject {
    const oid = objectHash(this.#format, type, content.length).update(content).digest('hex')
    const deflated = this.#seen.has(oid) ? Buffer.alloc(0) : deflateSync(content, { level: LEVEL })
    return { oid, type, size: content.length, deflated }
  }

  /** Writes an object once. @returns its name. */
  async add({ oid, type, size, deflated }: PackedObject): Promise<string> {
    if (this.#isNew(oid)) {
      await this.#append(entryHeader(type, size))
      await this.#append(deflated)
    }
    return oid
  }

  /** Writes content that is too large for the memory; `oid` must be its name. */
  async addStream(oid: string, size: number, content: AsyncIterable<Buffer>): Promise<string> {
    if (!this.#isNew(oid)) return oid
    await this.#append(entryHeader('blob', size))
    const deflate = createDeflate({ level: LEVEL })
    const feeding = feed(content, deflate)
    // What fails first is told; that the other one was stopped by it is no news.
    void Promise.allSettled([feeding])
    for await (const chunk of deflate as AsyncIterable<Buffer>) await this.#append(chunk)
    await feeding
    return oid
  }

  /** Writes what is left, and what only the end tells: the number of objects, and the hash of all. */
  async finish(): Promise<{ readonly objects: number }> {
    await this.#flush()
    const header = Buffer.alloc(HEADER_BYTES)
    header.write('PACK', 'latin1')
    header.writeUInt32BE(2, 4)
    header.writeUInt32BE(this.#count, 8)
    await this.#file.write(header, 0, HEADER_BYTES, 0)
    const hash = createHash(this.#format)
    for await (const chunk of createReadStream(this.#path, { highWaterMark: BUFFER_BYTES }))
      hash.update(chunk)
    await this.#append(hash.digest())
    await this.#flush()
    return { objects: this.#count }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #isNew(oid: string): boolean {
    if (this.#seen.has(oid)) return false
    this.#seen.add(oid)
    this.#count += 1
    return true
  }

  /** Copies, since zlib gives a few bytes in a buffer of 16 KiB, of which thousands would wait here. */
  async #append(data: Buffer): Promise<void> {
    if (this.#buffered + data.length > BUFFER_BYTES) await this.#flush()
    if (data.length > BUFFER_BYTES) await this.#file.appendFile(data)
    else this.#buffered += data.copy(this.#buffer, this.#buffered)
  }

  async #flush(): Promise<void> {
    const data = this.#buffer.subarray(0, this.#buffered)
    this.#buffered = 0
    // Written whole, or with an error such as ENOSPC.
    if (data.length > 0) await this.#file.appendFile(data)
  }
}

/** The beginning of an object's name: what git hashes before the content. */
export function objectHash(format: ObjectFormat, type: ObjectType, size: number): Hash {
  return createHash(format).update(`${type} ${size}\0`)
}

/** Type and size of an entry: seven bits a byte, of the first one only four (gitformat-pack(5)). */
function entryHeader(type: ObjectType, size: number): Buffer {
  const bytes: number[] = []
  let current = (TYPES[type] << 4) | (size % 16)
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(current | 0x80)
    current = rest % 128
  }
  return Buffer.from([...bytes, current])
}

async function feed(
  content: AsyncIterable<Buffer>,
  deflate: ReturnType<typeof createDeflate>,
): Promise<void> {
  // One listener for all waits: a large file has thousands of them.
  const closed = new AbortController()
  deflate.once('close', () => closed.abort())
  try {
    for await (const chunk of content) {
      if (!deflate.write(chunk)) await once(deflate, 'drain', { signal: closed.signal })
    }
    deflate.end()
  } catch (error) {
    deflate.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}
