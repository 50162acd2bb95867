import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { hasErrorCode, IntegrityError } from '../errors/workspace-error.js'
import { removeIfEmpty } from './contained-path.js'
import { isGone, watchForeignHolders } from './foreign-holder.js'
import { type LockView, modifiedAt, readLock } from './lock-holder.js'
import { discardHolder } from './lock-takeover.js'
import { LOCK_STALE_MS } from './lock-timing.js'
import { isSameProcessAlive } from './process-identity.js'
import { processTag, stateOfTag } from './process-tag.js'
import { serverTime } from './server-time.js'

/** Said of what belongs to another user, or leads in circles. */
const NOT_OURS = ['EACCES', 'EPERM', 'ELOOP']

/** The lock, and the tag of the process that wants it. */
const CLAIM_NAME = /^(.+)\.[0-9a-f-]{36}(?:\.([0-9a-f]{8}-\d+-[0-9a-f]{8}))?\.claim$/

/**
 * Removes from a folder of locks what killed processes left: claims that never became a lock, and locks
 * whose holder is dead; on another host that is one that was watched for two periods without a sign of life. What is
 * alive, unknown or no lock at all stays.
 *
 * @returns the paths that were removed.
 * @throws IntegrityError TAMPERED where no folder has the folder's name.
 */
export async function clearDeadLocks(directory: string): Promise<string[]> {
  const removed = await clearDeadClaims(directory)
  for (const name of await namesIn(directory)) {
    const path = join(directory, name)
    if (name.endsWith('.lock') && (await clearDeadLock(path))) removed.push(path)
  }
  return removed
}

/** The same as paths, without touching them; with folders of locks that nobody holds. */
export async function findDeadLocks(directory: string): Promise<string[]> {
  const paths = (await namesIn(directory)).map((name) => join(directory, name))
  const dead = await Promise.all(
    paths.map((path) => (CLAIM_NAME.test(basename(path)) ? isAbandoned(path) : isDeadLock(path))),
  )
  return paths.filter((_, index) => dead[index])
}

/**
 * Watches the locks in some folders that holders on other hosts have left, if there are any, so that the functions above
 * tell the dead ones: 12.5 seconds at the most for all of them together.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function watchForeignLocks(
  directories: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = await Promise.all(directories.map(locksIn))
  await watchForeignHolders(found.flat(), (path) => serverTime(dirname(path)), signal)
}

/** Only what can be looked at; what cannot be is said of each folder by whoever looks through it. */
async function locksIn(directory: string): Promise<string[]> {
  try {
    const paths = (await namesIn(directory)).map((name) => join(directory, name))
    const locks = paths.filter((path) => path.endsWith('.lock'))
    const views = await Promise.all(locks.map(lookAt))
    return locks.filter((_, index) => views[index]?.state === 'held')
  } catch (error) {
    if (hasErrorCode(error, 'TAMPERED') || isSystemError(error, ...NOT_OURS)) return []
    throw error
  }
}

async function isDeadLock(path: string): Promise<boolean> {
  if (!path.endsWith('.lock')) return false
  const view = await lookAt(path)
  if (view === undefined) return false
  return view.state === 'free' || isGone(path, view, () => serverTime(dirname(path)))
}

/** Undefined for what is no lock, or may not be looked at: whoever wants that lock is told, nobody else is stopped. */
async function lookAt(path: string): Promise<LockView | undefined> {
  try {
    return await readLock(path)
  } catch (error) {
    if (hasErrorCode(error, 'TAMPERED') || isSystemError(error, ...NOT_OURS)) return undefined
    throw error
  }
}

async function clearDeadLock(path: string): Promise<boolean> {
  const view = await lookAt(path)
  if (view === undefined) return false
  if (view.state === 'held') {
    if (!(await isGone(path, view, () => serverTime(dirname(path))))) return false
    await discardHolder(view)
  }
  await clearRenamed(path)
  return removeIfEmpty(path)
}

/** What NFS keeps of a file that was deleted while somebody had it open (Linux NFS client, "silly rename"). */
async function clearRenamed(path: string): Promise<void> {
  const names = (await namesIn(path)).filter((name) => name.startsWith('.nfs'))
  await Promise.all(names.map((name) => rm(join(path, name), { force: true })))
}

/** Removes only the claims of dead processes; whoever still waited behind one would simply make it again. */
export async function clearDeadClaims(directory: string): Promise<string[]> {
  const removed: string[] = []
  const own = processTag()
  for (const name of await namesIn(directory)) {
    const path = join(directory, name)
    const [isClaim, , maker] = CLAIM_NAME.exec(name) ?? []
    if (isClaim === undefined || maker === own) continue
    if ((await isAbandoned(path)) && (await removeClaim(path))) removed.push(path)
  }
  return removed
}

async function removeClaim(path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true })
    return true
  } catch (error) {
    if (isSystemError(error, ...NOT_OURS)) return false
    throw error
  }
}

async function isAbandoned(claim: string): Promise<boolean> {
  const view = await lookAt(claim)
  if (view === undefined) return false
  const owner = view.state === 'held' && view.holder ? isSameProcessAlive(view.holder) : makerOf(claim)
  if (owner !== 'unknown') return owner === 'dead'
  const madeAt = await modifiedAt(claim)
  return madeAt !== undefined && Date.now() - madeAt > LOCK_STALE_MS
}

/** Of a claim that was killed before it said whose it is. */
function makerOf(claim: string): 'alive' | 'dead' | 'unknown' {
  return stateOfTag(CLAIM_NAME.exec(basename(claim))?.[2] ?? '')
}

/** Whether another process waits for this lock; this process's next in line has not claimed it yet. */
export async function othersWait(lockPath: string): Promise<boolean> {
  const names = await namesIn(dirname(lockPath))
  return names.some((name) => CLAIM_NAME.exec(name)?.[1] === basename(lockPath))
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    if (!isSystemError(error, 'ENOTDIR')) throw error
    throw new IntegrityError('TAMPERED', `the folder of locks is not a directory: ${directory}`, {
      data: { path: directory },
      cause: error,
    })
  }
}
