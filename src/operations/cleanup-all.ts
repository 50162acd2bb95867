import { throwIfStopped } from '../errors/stop-reason.js'
import { hasErrorCode, isWorkspaceError } from '../errors/workspace-error.js'
import { Semaphore } from '../git/semaphore.js'
import type { CleanupOptions, CleanupReport } from '../model/reports.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import { cleanup } from './cleanup.js'
import { listSessions } from './inspect.js'
import { planCleanup } from './removing/plan-cleanup.js'
import type { Services } from './services.js'
import { unexpectedOrSystem } from './sweeping/sweep-problem.js'

/** Cleanups wait mostly for locks and for git, which has a limit of its own. */
const AT_ONCE = 8

/** Cleans up every workspace of an environment. One that cannot be removed is reported as kept, and why. */
export async function cleanupAll(
  services: Services,
  envId: string,
  options: CleanupOptions,
): Promise<CleanupReport[]> {
  const places = new Semaphore(AT_ONCE)
  const records = await listSessions(services, { envId })
  return Promise.all(
    records.map(({ taskId, runId }) => {
      const key = runId === undefined ? { envId, taskId } : { envId, taskId, runId }
      return places.run(() => cleanupOrKeep(services, key, options), options.signal)
    }),
  )
}

async function cleanupOrKeep(
  services: Services,
  key: WorkspaceKey,
  options: CleanupOptions,
): Promise<CleanupReport> {
  const startedAt = performance.now()
  try {
    return await (options.dryRun ? planCleanup : cleanup)(services, key, options)
  } catch (error) {
    return {
      key,
      action: 'kept',
      ...failureOf(error, options.signal),
      durationMs: Math.round(performance.now() - startedAt),
    }
  }
}

/** A mistake of ours is no reason to leave the others alone. Rethrows the end of the whole. */
function failureOf(error: unknown, signal: AbortSignal | undefined): Pick<CleanupReport, 'reason' | 'error'> {
  if (hasErrorCode(error, 'ABORTED', 'MANAGER_CLOSED')) throw error
  if (isWorkspaceError(error)) return { reason: `${error.message} (${error.code})`, error: error.code }
  throwIfStopped(signal)
  return { reason: unexpectedOrSystem(error), error: 'UNEXPECTED' }
}
