import { inflateSync } from 'node:zlib'
import { ByteReader } from './byte-reader.js'
import type { ReflogEntry } from './reflog-entry.js'
import type { TableBudget } from './table-budget.js'

/** What a ref is: the name of an object, or of another ref. */
export type RefValue = { readonly oid: string } | { readonly target: string }

/** What one file of a stack says. Undefined is what is no more, though an older file has it. */
export type Records<Value> = ReadonlyMap<string, Value | undefined>

interface Layout {
  readonly hashBytes: 20 | 32
  readonly headerBytes: number
  readonly blockBytes: number
  readonly refs: readonly [start: number, end: number]
  readonly logs: readonly [start: number, end: number]
}

const MAGIC = 'REFT'
const HEADER = { 1: 24, 2: 28 } as const
/** A header again, five positions and a checksum. */
const FOOTER = { 1: 68, 2: 72 } as const
const BLOCK_HEADER = 4
const MAX_LOG_BLOCK_BYTES = 1 << 24

/**
 * Reads the refs of one file of git's "reftable" ref storage, by git's technical documentation of it.
 *
 * @throws RangeError for bytes that are no such file.
 */
export function parseRefs(bytes: Buffer, budget: TableBudget): Records<RefValue> {
  return bytes.length === 0 ? new Map() : readRefBlocks(bytes, readLayout(bytes), budget)
}

/**
 * Reads the reflogs of one, by a key that is unique in its stack: the ref, NUL, and a number that falls from entry to
 * entry.
 *
 * @throws RangeError for bytes that are no such file.
 */
export function parseLogs(bytes: Buffer, budget: TableBudget): Records<ReflogEntry> {
  return bytes.length === 0 ? new Map() : readLogBlocks(bytes, readLayout(bytes), budget)
}

function readLayout(bytes: Buffer): Layout {
  const header = new ByteReader(bytes)
  if (header.text(4) !== MAGIC) throw new RangeError('this is no reftable')
  const version = header.number(1)
  if (version !== 1 && version !== 2) throw new RangeError(`reftables of version ${version} are not known`)
  const blockBytes = header.number(3)
  header.take(16)
  const hash = version === 1 ? 'sha1' : header.text(4)
  if (hash !== 'sha1' && hash !== 's256') throw new RangeError('the hash of a reftable is not known')
  const headerBytes = HEADER[version]
  const end = bytes.length - FOOTER[version]
  if (end < headerBytes) throw new RangeError('a reftable is too short')
  const footer = new ByteReader(bytes.subarray(end))
  const isSame = footer.take(headerBytes).equals(bytes.subarray(0, headerBytes))
  if (!isSame || checksum(bytes.subarray(end, -4)) !== bytes.readUInt32BE(bytes.length - 4))
    throw new RangeError('the end of a reftable is damaged')
  const refIndex = footer.position()
  // The lower five bits say how long the names of objects are in the index of them.
  const objects = Math.floor(footer.position() / 32)
  footer.position()
  const startsWithLogs = bytes[headerBytes] === 'g'.charCodeAt(0)
  const logStart = startsWithLogs ? 0 : footer.position() || end
  if (startsWithLogs) footer.position()
  const logEnd = footer.position() || end
  const refEnd = refIndex || objects || logStart
  return {
    hashBytes: hash === 'sha1' ? 20 : 32,
    headerBytes,
    blockBytes,
    refs: [0, refEnd > headerBytes ? Math.min(refEnd, end) : 0],
    logs: [logStart, Math.min(logEnd, end)],
  }
}

/** CRC-32 as zlib has it; Node 20 does not hand it out. */
function checksum(bytes: Buffer): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ ((sum & 1) === 1 ? 0xedb88320 : 0)
  }
  return (sum ^ 0xffffffff) >>> 0
}

/** A block's header, which the first one has after that of the file. */
function blockAt(bytes: Buffer, at: number, { headerBytes }: Layout) {
  const skipped = (at === 0 ? headerBytes : 0) + BLOCK_HEADER
  const header = new ByteReader(bytes.subarray(at + skipped - BLOCK_HEADER, at + skipped))
  const kind = header.text(1)
  const length = header.number(3)
  if (length < skipped) throw new RangeError('a block of a reftable has no length')
  return { kind, length, skipped }
}

function readRefBlocks(
  bytes: Buffer,
  layout: Layout,
  budget: TableBudget,
): Map<string, RefValue | undefined> {
  const refs = new Map<string, RefValue | undefined>()
  const [start, end] = layout.refs
  for (let at = start; at < end; ) {
    const { kind, length, skipped } = blockAt(bytes, at, layout)
    if (kind !== 'r') throw new RangeError('a block of a reftable is of an unknown kind')
    if (at + length > end) throw new RangeError('a block of a reftable is too long')
    const block = bytes.subarray(at + skipped, at + length)
    for (const [key, type, reader] of recordsOf(block, budget)) {
      reader.varint()
      refs.set(key.toString('utf8'), readValue(reader, type, layout.hashBytes))
    }
    at = nextBlock(bytes, at, length, layout)
  }
  return refs
}

/** Blocks are filled up with zeros to one length, but for the last one of a kind. */
function nextBlock(bytes: Buffer, at: number, length: number, { blockBytes, refs: [, end] }: Layout): number {
  const isPadded = blockBytes > length && at + length < end && bytes[at + length] === 0
  return at + (isPadded ? blockBytes : length)
}

function readValue(reader: ByteReader, type: number, hashBytes: number): RefValue | undefined {
  if (type === 0) return undefined
  if (type === 3) return { target: reader.text(reader.varint()) }
  if (type !== 1 && type !== 2) throw new RangeError('a ref of a reftable is of an unknown kind')
  const oid = reader.take(hashBytes).toString('hex')
  // What an annotated tag is about.
  if (type === 2) reader.take(hashBytes)
  return { oid }
}

function readLogBlocks(
  bytes: Buffer,
  layout: Layout,
  budget: TableBudget,
): Map<string, ReflogEntry | undefined> {
  const logs = new Map<string, ReflogEntry | undefined>()
  const [start, end] = layout.logs
  for (let at = start; at < end; ) {
    const { kind, length, skipped } = blockAt(bytes, at, layout)
    if (kind !== 'g') throw new RangeError('a block of a reftable is of an unknown kind')
    budget.spend(length)
    const { inflated, consumed } = inflate(bytes.subarray(at + skipped, end), length - skipped)
    for (const [key, type, reader] of recordsOf(inflated, budget))
      logs.set(key.toString('latin1'), type === 0 ? undefined : readLog(reader, layout.hashBytes))
    at += skipped + consumed
  }
  return logs
}

function inflate(bytes: Buffer, length: number): { inflated: Buffer; consumed: number } {
  if (length > MAX_LOG_BLOCK_BYTES) throw new RangeError('a block of a reftable is too long')
  const result = inflateResult(bytes, length)
  if (!isInflated(result) || result.buffer.length !== length)
    throw new RangeError('a block of a reftable has another length than it says')
  return { inflated: result.buffer, consumed: result.engine.bytesWritten }
}

function inflateResult(bytes: Buffer, length: number): unknown {
  try {
    return inflateSync(bytes, { info: true, maxOutputLength: Math.max(length, 1) })
  } catch (error) {
    const isDamaged =
      error instanceof Error && 'code' in error && /^(?:Z_|ERR_BUFFER)/.test(String(error.code))
    throw isDamaged ? new RangeError('a block of a reftable is damaged', { cause: error }) : error
  }
}

interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/** What zlib answers with where it is asked how much it has read. */
function isInflated(result: unknown): result is Inflated {
  if (typeof result !== 'object' || result === null || !('buffer' in result) || !('engine' in result))
    return false
  const { buffer, engine } = result
  const counts = typeof engine === 'object' && engine !== null && 'bytesWritten' in engine
  return Buffer.isBuffer(buffer) && counts && typeof engine.bytesWritten === 'number'
}

function readLog(reader: ByteReader, hashBytes: number): ReflogEntry {
  const before = reader.take(hashBytes).toString('hex')
  const after = reader.take(hashBytes).toString('hex')
  const name = reader.text(reader.varint())
  const address = reader.text(reader.varint())
  const seconds = reader.varint()
  const zone = reader.take(2).readInt16BE()
  const message = reader.text(reader.varint()).trimEnd()
  const sign = zone < 0 ? '-' : '+'
  const who = `${name} <${address}> ${seconds} ${sign}${String(Math.abs(zone)).padStart(4, '0')}`
  return { before, after, who, message }
}

/** The records of a block; the caller reads what is in each. A key begins as the one before it did. */
function* recordsOf(
  block: Buffer,
  budget: TableBudget,
): Generator<[key: Buffer, type: number, reader: ByteReader]> {
  const restarts = block.length < 2 ? 0 : block.readUInt16BE(block.length - 2)
  const end = block.length - 2 - restarts * 3
  if (end < 0) throw new RangeError('a block of a reftable is too short')
  const reader = new ByteReader(block.subarray(0, end))
  let key: Buffer = Buffer.alloc(0)
  while (reader.hasMore) {
    const shared = reader.varint()
    const suffix = reader.varint()
    const unshared = Math.floor(suffix / 8)
    budget.spendRecord(shared + unshared)
    if (shared > key.length) throw new RangeError('a key of a reftable has no beginning')
    key = Buffer.concat([key.subarray(0, shared), reader.take(unshared)])
    yield [key, suffix % 8, reader]
  }
}
