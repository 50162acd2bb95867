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
  readonly path: string
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
    return entries && { path, content, entries, objectFormat, written: { atMs: mtimeMs, device: dev } }
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
 * Moves the moment at which git wrote an index on to that at which a file of ours was written, the witness: after a look
 * that began later and found all as written. What has not changed by then is not looked at so closely again.
 */
export async function vouchAgain({ path, written }: OwnIndex, witness: string): Promise<void> {
  const { mtimeMs, dev: device } = await stat(witness)
  // Not rounded up: a moment too early is doubted in vain, one too late not at all.
  const seenMs = Math.floor(mtimeMs)
  if (device !== written.device || seenMs <= written.atMs) return
  try {
    await utimes(path, seenMs / 1000, seenMs / 1000)
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
  const { doubtful } = await lookAtRacy(own, workTree, signal)
  await writeSettled(own, to, doubtful)
}

/** The entries that git would take for unchanged on the strength of the second alone, looked at more closely. */
export interface RacyLook {
  /** Those that may have changed. */
  readonly doubtful: readonly IndexEntry[]
  /** Whether there are any, and every one is there as git wrote it. */
  readonly areAllAsWritten: boolean
}

/** @throws the signal's `stopReason` when it is aborted. */
export async function lookAtRacy(own: OwnIndex, workTree: string, signal?: AbortSignal): Promise<RacyLook> {
  const { entries, written } = own
  const racy = entries.filter(({ stats }) => stats.mtimeSeconds >= secondOf(written.atMs))
  const doubtful: IndexEntry[] = []
  let asWritten = 0
  for await (const some of inTurns(racy)) {
    throwIfStopped(signal)
    for (const entry of some) {
      const answer = compare(entry, workTree, written)
      if (answer === 'as written') asWritten += 1
      if (answer === 'doubtful') doubtful.push(entry)
    }
  }
  return { doubtful, areAllAsWritten: asWritten > 0 && asWritten === racy.length }
}

type Answer = 'as written' | 'doubtful' | 'left to git'

/** Not asynchronous: a look-up takes microseconds, a turn through the thread pool ten times that. */
function compare({ path, stats }: IndexEntry, workTree: string, written: OwnIndex['written']): Answer {
  if (path === undefined) return 'doubtful'
  const found = changeTimeOf(`${workTree}/${path}`)
  // What is not there, or was changed in another second, git finds by itself.
  if (found === undefined || secondOf(found.atMs) !== stats.ctimeSeconds) return 'left to git'
  const recordedMs = stats.ctimeSeconds * 1000 + stats.ctimeNanoseconds / 1e6
  const isAsRecorded = Math.abs(found.atMs - recordedMs) < 0.001
  const isCertain = isAsRecorded && found.atMs < written.atMs && found.device === written.device
  return isCertain ? 'as written' : 'doubtful'
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
