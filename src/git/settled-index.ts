import { createHash } from 'node:crypto'
import { constants, lstatSync } from 'node:fs'
import { open, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { inTurns } from '../fs/in-turns.js'
import type { ObjectFormat } from '../model/object-format.js'
import { type IndexEntry, indexEntries, MTIME_OFFSET } from './index-entries.js'

/**
 * The manager's own index of a checkout, outside the agent's reach, for a look that reads only files which may have
 * changed. git counts in seconds: it compares the content of every file that is not older than the index by a second
 * (racy-git), which after a checkout are nearly all. Here nanoseconds tell: a file whose ctime is the one in the index,
 * and is before the moment at which the index was written, has not changed since, as any change would have set a
 * later one.
 */
export interface OwnIndex {
  readonly content: Buffer
  readonly entries: readonly IndexEntry[]
  readonly objectFormat: ObjectFormat
  /** When and on which device git wrote it; milliseconds since 1970. */
  readonly written: { readonly atMs: number; readonly device: number }
}

/** What an index begins with. */
const SIGNATURE = 'DIRC'

/** The header and a checksum. */
const SHORTEST = 12 + 20

/**
 * Undefined where there is none, where it is not whole, as a power cut may leave it, or of a format that git writes only
 * where it is told to.
 */
export async function readOwnIndex(path: string, objectFormat: ObjectFormat): Promise<OwnIndex | undefined> {
  try {
    const { mtimeMs, dev } = await stat(path)
    const content = await readFile(path)
    const entries = isWhole(content, objectFormat) ? indexEntries(content, objectFormat) : undefined
    return entries && { content, entries, objectFormat, written: { atMs: mtimeMs, device: dev } }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Moves the moment at which git wrote an index to now, by the file server's clock. Only where nobody but git has had the
 * files until now: what it wrote in that last moment need then not be compared by content for ever after.
 */
export async function vouchFor(index: string): Promise<void> {
  try {
    const file = await open(index, constants.O_WRONLY | constants.O_NOFOLLOW)
    try {
      await file.write(SIGNATURE, 0)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
}

/**
 * Writes a copy in which git takes every file with the same times, size and inode for unchanged, but for the entries
 * that it is to compare by content.
 */
export async function writeSettled(
  { content, objectFormat, written }: OwnIndex,
  to: string,
  toCompare: readonly IndexEntry[],
): Promise<void> {
  const copy = toCompare.length === 0 ? content : Buffer.from(content)
  for (const { offset } of toCompare) copy.writeUInt32BE(0, offset + MTIME_OFFSET)
  await writeFile(to, toCompare.length === 0 ? copy : withChecksum(copy, objectFormat), { mode: 0o600 })
  const afterwards = secondOf(written.atMs) + 1
  await utimes(to, afterwards, afterwards)
}

/** A copy that git can trust: what it could take for unchanged on the strength of the second alone, it compares. */
export async function writeCompared(
  own: OwnIndex,
  to: string,
  workTree: string,
  signal?: AbortSignal,
): Promise<void> {
  await writeSettled(own, to, await doubtfulEntries(own, workTree, signal))
}

/**
 * The entries that git would take for unchanged on the strength of the second alone.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function doubtfulEntries(
  { entries, written }: OwnIndex,
  workTree: string,
  signal?: AbortSignal,
): Promise<IndexEntry[]> {
  const racy = entries.filter(({ stats }) => stats.mtimeSeconds >= secondOf(written.atMs))
  const doubtful: IndexEntry[] = []
  for await (const some of inTurns(racy)) {
    throwIfStopped(signal)
    doubtful.push(...some.filter((entry) => isDoubtful(entry, workTree, written)))
  }
  return doubtful
}

/** Not asynchronous: a look-up takes microseconds, a turn through the thread pool ten times that. */
function isDoubtful({ path, stats }: IndexEntry, workTree: string, written: OwnIndex['written']): boolean {
  if (path === undefined) return true
  const found = changeTimeOf(`${workTree}/${path}`)
  // What is not there, or was changed in another second, git finds by itself.
  if (found === undefined || secondOf(found.atMs) !== stats.ctimeSeconds) return false
  const recordedMs = stats.ctimeSeconds * 1000 + stats.ctimeNanoseconds / 1e6
  const isAsRecorded = Math.abs(found.atMs - recordedMs) < 0.001
  return !isAsRecorded || found.atMs >= written.atMs || found.device !== written.device
}

function changeTimeOf(path: string): OwnIndex['written'] | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false })
    return found && { atMs: found.ctimeMs, device: found.dev }
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return undefined
    throw error
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000)
}

/** An index ends in a checksum of all that comes before. */
function withChecksum(index: Buffer, objectFormat: ObjectFormat): Buffer {
  const content = index.subarray(0, index.length - (objectFormat === 'sha1' ? 20 : 32))
  return Buffer.concat([content, createHash(objectFormat).update(content).digest()])
}

function isWhole(index: Buffer, objectFormat: ObjectFormat): boolean {
  return index.length > SHORTEST && withChecksum(index, objectFormat).equals(index)
}
