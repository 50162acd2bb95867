import { type BigIntStats, lstatSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { canonicalPath } from '../fs/canonical-path.js'
import { deleteTree } from '../fs/trash.js'
import { type GitProcess, listGitProcesses } from './git-processes.js'
import { leftoversIn } from './leftover-names.js'
import { type NodeMaker, nodeMakerOf } from './lock-maker.js'
import { type ClockReading, isStampedHere, readClocks, startedAfter } from './process-clock.js'
import { workAreasOf } from './work-area.js'

/** A file, or a folder of objects, that a git made which is gone for certain. */
export interface AbandonedFile {
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** Differs as soon as somebody makes or changes it anew. */
  readonly identity: string
}

interface Leftover extends AbandonedFile {
  readonly madeBy: NodeMaker
  readonly writtenAtMs: number
  readonly names: readonly string[]
  readonly surroundings: Surroundings
}

/** What holds for all files of one folder. */
interface Surroundings {
  readonly areas: readonly string[]
  /** Undefined where the file's times cannot be compared with those of processes. */
  readonly clocks: ClockReading | undefined
}

/**
 * Whether it is certain that no live process of this machine made a file (a lock, a temporary pack) or folder.
 *
 * False for what is not there, for links, while any git that may have been there when the file was last written
 * is at work in the same environment or repository or cannot be looked into, while a process of ours lives that
 * made the lock without a git, and wherever processes cannot be seen (macOS, Windows). Processes of other hosts, and
 * from within a container those outside it, are not seen: the caller has to know about them.
 */
export async function isAbandoned(path: string): Promise<boolean> {
  return (await findAbandoned([path])).length > 0
}

/** The same of many paths, for one look at the processes of the machine. */
export async function findAbandoned(paths: readonly string[]): Promise<AbandonedFile[]> {
  const surroundingsOf = knownSurroundings()
  const leftovers = (await Promise.all(paths.map((path) => lookAt(path, surroundingsOf)))).flat()
  if (leftovers.length === 0) return []
  const processes = await listGitProcesses()
  if (processes === 'unknown') return []
  const isClaimed = (leftover: Leftover) =>
    leftover.madeBy !== 'dead' && processes.some((process) => mayUse(process, leftover))
  return leftovers.filter((leftover) => !isClaimed(leftover)).filter(isUnchanged)
}

export interface RemoveAbandonedOptions {
  /** Default 'remove'. */
  readonly mode?: 'list' | 'remove'
}

/**
 * Removes what killed gits left in a bare repository of ours: locks, temporary packs, objects half taken in.
 * Resolves to the paths. What a live git may have made stays, and so do the files of worktrees.
 */
export async function removeAbandoned(
  repositoryDir: string,
  options: RemoveAbandonedOptions = {},
): Promise<string[]> {
  const abandoned = await findAbandoned(await leftoversIn(repositoryDir))
  if (options.mode === 'list') return abandoned.map(({ path }) => path)
  return removeFiles(abandoned)
}

/** Removes what is still the same as when it was found, and answers with those paths. */
export async function removeFiles(abandoned: readonly AbandonedFile[]): Promise<string[]> {
  const removed: string[] = []
  for (const file of abandoned) if (await removeFile(file)) removed.push(file.path)
  return removed
}

async function removeFile(file: AbandonedFile): Promise<boolean> {
  if (!isUnchanged(file)) return false
  if (file.kind === 'directory') {
    await deleteTree(file.path)
    return true
  }
  try {
    // Without waiting: somebody else might take the lock between the look and this.
    unlinkSync(file.path)
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
}

async function lookAt(path: string, surroundingsOf: SurroundingsOf): Promise<Leftover[]> {
  const stats = statsOf(path)
  if (stats === undefined || !(stats.isFile() || stats.isDirectory())) return []
  const madeBy = stats.isFile() ? await nodeMakerOf(path, stats) : 'none'
  if (madeBy === 'alive') return []
  return [
    {
      path,
      kind: stats.isFile() ? 'file' : 'directory',
      identity: identityOf(stats),
      madeBy,
      // Not the ctime: that changes with the number of its names, whoever takes one away.
      writtenAtMs: Number(stats.mtimeMs),
      names: [path, canonicalPath(path)],
      surroundings: await surroundingsOf(path),
    },
  ]
}

type SurroundingsOf = (path: string) => Promise<Surroundings>

/** A killed transaction may have left thousands of locks in one folder, which is looked at once. */
function knownSurroundings(): SurroundingsOf {
  const clocks = readClocks()
  const known = new Map<string, Promise<Surroundings>>()
  return (path) => {
    const found = known.get(dirname(path)) ?? lookAround(path, clocks)
    known.set(dirname(path), found)
    return found
  }
}

async function lookAround(path: string, clocks: ClockReading | undefined): Promise<Surroundings> {
  const [areas, isComparable] = [await workAreasOf(path), await isStampedHere(dirname(path))]
  return { areas, clocks: isComparable ? clocks : undefined }
}

/** Whether a process may have made the file, or works with what it holds. */
function mayUse({ places, start, role }: GitProcess, leftover: Leftover): boolean {
  const { names, writtenAtMs, surroundings } = leftover
  const { areas, clocks } = surroundings
  if (places !== 'hidden' && leadsInto(places, names)) return true
  if (role === 'reads' || (places !== 'hidden' && !leadsInto(places, areas))) return false
  return clocks === undefined || !startedAfter(start, writtenAtMs, clocks)
}

function leadsInto(places: readonly string[], folders: readonly string[]): boolean {
  const leads = (place: string) =>
    folders.some((folder) => place.includes(`${folder}/`) || place.endsWith(folder))
  return places.some(leads)
}

const isUnchanged = ({ path, identity }: AbandonedFile) => identityOf(statsOf(path)) === identity

function identityOf(stats: BigIntStats | undefined): string {
  return stats === undefined ? '' : [stats.dev, stats.ino, stats.mtimeNs].join(':')
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    // What cannot be looked at is not ours to remove.
    if (isSystemError(error, 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP')) return undefined
    throw error
  }
}
