import { join } from 'node:path'
import { withFileLock } from '../fs/locks.js'
import { environmentLayout } from '../model/layout.js'
import { sessionName, type WorkspaceKey } from '../model/workspace-key.js'
import type { Services } from './services.js'

/** One verb per workspace at a time, in all processes. The action's signal ends when the lock is lost. */
export function withSession<T>(
  services: Services,
  key: WorkspaceKey,
  signal: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { lockTimeoutMs } = services.settings
  return withFileLock(lockOf(services, key), { timeoutMs: lockTimeoutMs, signal, purpose: 'session' }, action)
}

/** The same without waiting. @throws ContentionError LOCK_TIMEOUT while a verb is at work on the workspace. */
export function withIdleSession<T>(
  services: Services,
  key: WorkspaceKey,
  signal: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withFileLock(lockOf(services, key), { timeoutMs: 0, signal, purpose: 'session' }, action)
}

function lockOf(services: Services, key: WorkspaceKey): string {
  const { locksDir } = environmentLayout(services.settings.root, key.envId)
  return join(locksDir, `session-${sessionName(key)}.lock`)
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
