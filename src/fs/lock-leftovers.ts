import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { removeIfEmpty } from './contained-path.js'
import { modifiedAt, readLock } from './lock-holder.js'
import { discardHolder } from './lock-takeover.js'
import { LOCK_STALE_MS } from './lock-timing.js'
import { isSameProcessAlive } from './process-identity.js'

const CLAIM_NAME = /^(.+)\.[0-9a-f-]{36}\.claim$/

/**
 * Removes from a folder of locks what killed processes left: claims that never became a lock, and locks
 * whose holder on this host is dead. What is alive or unknown stays.
 *
 * @returns the paths that were removed.
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

async function isDeadLock(path: string): Promise<boolean> {
  if (!path.endsWith('.lock')) return false
  const view = await readLock(path).catch(unlessNoLock)
  if (view === undefined) return false
  if (view.state === 'free') return true
  return view.holder !== undefined && isSameProcessAlive(view.holder) === 'dead'
}

/** Something that is no lock stands in its place; whoever wants the lock is told. */
function unlessNoLock(error: unknown): undefined {
  if (!hasErrorCode(error, 'TAMPERED')) throw error
}

async function clearDeadLock(path: string): Promise<boolean> {
  const view = await readLock(path)
  if (view.state === 'held') {
    if (view.holder === undefined || isSameProcessAlive(view.holder) !== 'dead') return false
    await discardHolder(view)
  }
  return removeIfEmpty(path)
}

/** Removes only the claims of dead processes; whoever still waited behind one would simply make it again. */
export async function clearDeadClaims(directory: string): Promise<string[]> {
  const removed: string[] = []
  for (const name of await namesIn(directory)) {
    const path = join(directory, name)
    if (!CLAIM_NAME.test(name) || !(await isAbandoned(path))) continue
    await rm(path, { recursive: true, force: true })
    removed.push(path)
  }
  return removed
}

async function isAbandoned(claim: string): Promise<boolean> {
  const view = await readLock(claim)
  const owner = view.state === 'held' && view.holder ? isSameProcessAlive(view.holder) : 'unknown'
  if (owner !== 'unknown') return owner === 'dead'
  const madeAt = await modifiedAt(claim)
  return madeAt !== undefined && Date.now() - madeAt > LOCK_STALE_MS
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
    throw error
  }
}
