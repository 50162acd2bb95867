import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { readLock } from '../fs/lock-holder.js'
import { type LockOptions, withFileLock } from '../fs/locks.js'
import { asStorageFailure } from '../fs/storage-failure.js'
import { environmentLayout } from '../model/layout.js'
import { sessionName, type WorkspaceKey } from '../model/workspace-key.js'
import { assertOwnEnvironment } from './assert-own-environment.js'
import type { Services } from './services.js'

/**
 * One verb per workspace at a time, in all processes. The action's signal ends when the lock is lost.
 *
 * @throws InputError OPTIONS_INVALID naming what this user may not use; IntegrityError DISK_FULL, or TAMPERED where a
 * link stands in the place of one of the environment's folders.
 */
export function withSession<T>(
  services: Services,
  key: WorkspaceKey,
  signal: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { lockTimeoutMs } = services.settings
  return locked(services, key, { timeoutMs: lockTimeoutMs, signal, purpose: 'session' }, action)
}

/** The same without waiting. @throws ContentionError LOCK_TIMEOUT while a verb is at work on the workspace. */
export function withIdleSession<T>(
  services: Services,
  key: WorkspaceKey,
  signal: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return locked(services, key, { timeoutMs: 0, signal, purpose: 'session' }, action)
}

/** Whether no verb is at work on the workspace, in no process. */
export async function isIdle(services: Services, key: WorkspaceKey): Promise<boolean> {
  try {
    return (await readLock(lockOf(services, key))).state === 'free'
  } catch (error) {
    // Something else stands in the lock's place; whoever takes the lock will say so.
    if (!hasErrorCode(error, 'TAMPERED')) throw error
    return false
  }
}

async function locked<T>(
  services: Services,
  key: WorkspaceKey,
  options: LockOptions,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    await assertOwnEnvironment(services.settings.root, key.envId)
    return await withFileLock(lockOf(services, key), options, action)
  } catch (error) {
    throw asStorageFailure(error, services.settings.root)
  }
}

function lockOf(services: Services, key: WorkspaceKey): string {
  const { locksDir } = environmentLayout(services.settings.root, key.envId)
  return join(locksDir, `session-${lockName(sessionName(key))}.lock`)
}

/** A file name has room for 255 bytes, of which a claim on the lock needs up to 85 for the rest of its own. */
const LONGEST_NAME = 160

/** Two long ids do not fit: what is cut off is told by a hash, behind a character that no id has. */
function lockName(name: string): string {
  if (name.length <= LONGEST_NAME) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
  return `${name.slice(0, LONGEST_NAME - hash.length - 1)}~${hash}`
}

/** The lock around what the whole environment shares: registrations, branches, records. */
export function withEnvironment<T>(
  services: Services,
  envId: string,
  signal: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { root, lockTimeoutMs } = services.settings
  const lock = environmentLayout(root, envId).environmentLock
  return withFileLock(lock, { timeoutMs: lockTimeoutMs, signal, purpose: 'environment' }, action)
}
