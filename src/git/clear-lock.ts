import { isAbsolute, join, resolve, sep } from 'node:path'
import { systemErrorCode } from '../errors/system-error.js'
import { isWorkspaceError } from '../errors/workspace-error.js'
import { canonicalPath } from '../fs/canonical-path.js'
import { isPresent } from '../fs/presence.js'
import { findAbandoned, removeFiles } from './abandoned-files.js'
import { HELD_LOCK, ownWords } from './failure.js'
import type { GitCall } from './git-call.js'
import { refLeftoversIn } from './leftover-names.js'
import { repositoryAround } from './work-area.js'

/** Whose locks may be cleared away. */
export interface LockOwnership {
  /** Locks below this folder are ours. Absent: none. */
  readonly ownDirectory?: string | undefined
  /** Files that are ours wherever they are. */
  readonly ownLocks?: readonly string[]
  /** Whether processes on other hosts may be at work there, which cannot be seen from here. Default: 'nobody'. */
  readonly othersAtWork?: (() => Promise<'nobody' | 'others'>) | undefined
}

/** What a change of refs of ours may leave, if it is killed, in a repository that may be the caller's. */
export function locksOfRefs({ gitDir, ownRefs }: Pick<GitCall, 'gitDir' | 'ownRefs'>): string[] {
  if (gitDir === undefined || ownRefs === undefined) return []
  const names = [...ownRefs.map((ref) => `${ref}.lock`), 'packed-refs.lock', 'packed-refs.new']
  return names.map((name) => join(gitDir, name))
}

/**
 * Clears away the lock that a git has just failed on, if it is our own and was left by a git that is
 * gone for certain. 'clear' is also said of one that has gone by itself; nothing but 'held' is said in doubt.
 */
export async function clearLock(stderr: string, ownership: LockOwnership): Promise<'clear' | 'held'> {
  const lock = heldLockIn(stderr)
  if (lock === undefined || !isOwn(lock, ownership)) return 'held'
  try {
    if ((await ownership.othersAtWork?.()) === 'others') return 'held'
    const siblings = (await siblingsOf(lock)).filter((path) => isOwn(path, ownership))
    const abandoned = await findAbandoned([lock, ...siblings])
    if (abandoned.some(({ path }) => path === lock)) await removeFiles(abandoned)
    return (await isPresent(lock)) ? 'held' : 'clear'
  } catch (error) {
    if (systemErrorCode(error) === undefined && !isWorkspaceError(error)) throw error
    // What git said matters more than why it could not be helped.
    return 'held'
  }
}

/** Removes those of our own files that were left by gits which are gone for certain; the others stay for a sweep. */
export async function clearAbandoned(paths: readonly string[], ownership: LockOwnership): Promise<void> {
  const own = paths.filter((path) => isOwn(path, ownership))
  if (own.length === 0) return
  try {
    if ((await ownership.othersAtWork?.()) === 'others') return
    await removeFiles(await findAbandoned(own))
  } catch (error) {
    // Whatever they were left by matters more.
    if (systemErrorCode(error) === undefined && !isWorkspaceError(error)) throw error
  }
}

/** The path that git names; it leaves "./" in the middle of some. */
function heldLockIn(stderr: string): string | undefined {
  const { lock, config, packed } = HELD_LOCK.exec(ownWords(stderr))?.groups ?? {}
  const path = lock ?? packed ?? (config && `${config}.lock`)
  return path !== undefined && isAbsolute(path) ? resolve(path) : undefined
}

/** By its true name: a link in our folder may lead to a repository of the caller's. */
function isOwn(lock: string, { ownDirectory, ownLocks = [] }: LockOwnership): boolean {
  const path = canonicalPath(lock)
  if (ownLocks.some((own) => canonicalPath(own) === path)) return true
  if (ownDirectory === undefined) return false
  const own = canonicalPath(ownDirectory)
  return path.startsWith(own.endsWith(sep) ? own : `${own}${sep}`)
}

/** git names the first lock only; a killed change of many refs left one for each. */
async function siblingsOf(lock: string): Promise<string[]> {
  const repository = await repositoryAround(lock)
  if (repository === undefined) return []
  const locks = await refLeftoversIn(repository)
  return locks.includes(lock) ? locks.filter((path) => path !== lock) : []
}
