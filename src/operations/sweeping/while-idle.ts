import { hasErrorCode } from '../../errors/workspace-error.js'
import type { SweepDecision } from '../../model/sweep-report.js'
import type { WorkspaceKey } from '../../model/workspace-key.js'
import type { Services } from '../services.js'
import { withIdleSession } from '../session-lock.js'

/** What is acted on in the name of a session. */
export interface Idle {
  readonly key: WorkspaceKey
  readonly decision: SweepDecision
  readonly signal: AbortSignal | undefined
}

/** Acts on a decision under the session's lock; while somebody else is at work on the session, all is kept. */
export async function whileIdle(
  services: Services,
  { key, decision, signal }: Idle,
  action: (held: AbortSignal) => Promise<SweepDecision>,
): Promise<SweepDecision> {
  try {
    return await withIdleSession(services, key, signal, action)
  } catch (error) {
    if (!hasErrorCode(error, 'LOCK_TIMEOUT')) throw error
    return keptAfterAll(decision, 'somebody is at work on it')
  }
}

/** A decision whose facts are no longer true. */
export function keptAfterAll(decision: SweepDecision, reason: string): SweepDecision {
  return { ...decision, action: 'keep', reason }
}
