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
  const { root, lockTimeoutMs } = services.settings
  const lock = join(environmentLayout(root, key.envId).locksDir, `session-${sessionName(key)}.lock`)
  return withFileLock(lock, { timeoutMs: lockTimeoutMs, signal, purpose: 'session' }, action)
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
