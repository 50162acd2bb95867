import { hasErrorCode } from '../../errors/workspace-error.js'
import type { CleanupReport } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { SweepDecision } from '../../model/sweep-report.js'
import { sessionKey } from '../../model/workspace-key.js'
import type { SessionFinding } from '../../retention/findings.js'
import { planSession } from '../../retention/plan-session.js'
import type { Retention } from '../../retention/policy.js'
import { cleanupLocked } from '../cleanup.js'
import type { Services } from '../services.js'
import { withActivity } from '../sweeping/survey.js'
import { keptAfterAll, whileIdle } from '../sweeping/while-idle.js'
import { describeLeft } from './count-freed.js'

export interface Retirement {
  readonly finding: SessionFinding
  readonly decision: SweepDecision
  readonly retention: Retention
  readonly signal: AbortSignal | undefined
}

/**
 * Cleans up a workspace that is old enough, as any cleanup does it: what exists nowhere else is archived first, or as
 * the manager's policy says. That it is still what it was when that was decided is seen under its lock.
 */
export function retireSession(services: Services, retirement: Retirement): Promise<SweepDecision> {
  const { finding, decision, signal } = retirement
  const key = sessionKey(finding.record)
  return whileIdle(services, { key, decision, signal }, async (held) => {
    const record = await services.store.read(key)
    if (record === undefined) return keptAfterAll(decision, 'it is gone already')
    if (!isUnused(record, finding.record)) return keptAfterAll(decision, 'it was used meanwhile')
    const reason = await changeOfMind(services, retirement)
    if (reason !== undefined) return keptAfterAll(decision, reason)
    return cleanUp(services, record, decision, held)
  })
}

function isUnused(now: SessionRecord, then: SessionRecord): boolean {
  return (
    now.state === then.state &&
    now.owner.id === then.owner.id &&
    now.updatedAt === then.updatedAt &&
    now.finishedAt === then.finishedAt
  )
}

/** An agent without an owner may have gone on since, or its owner's lease come back. */
async function changeOfMind(services: Services, retirement: Retirement): Promise<string | undefined> {
  const { finding, retention, signal } = retirement
  if (finding.record.state !== 'ready') return undefined
  const owner = await services.lease.stateOf(finding.record.owner, signal)
  const again = await withActivity(services, { ...finding, owner }, { retention, signal })
  const { action, reason } = planSession(again, retention)
  return action === 'keep' ? reason : undefined
}

/** Cleans up under the session's lock, and tells in the words of a sweep what came of it. */
export async function cleanUp(
  services: Services,
  record: SessionRecord,
  decision: SweepDecision,
  signal: AbortSignal,
): Promise<SweepDecision> {
  try {
    const report = await cleanupLocked(services, sessionKey(record), { keepFailed: false, signal })
    return outcomeOf(services, record, decision, report)
  } catch (error) {
    if (!hasErrorCode(error, 'UNSAVED_WORK')) throw error
    return { ...keptAfterAll(decision, `${error.message}, and it stays`), attention: 'needed' }
  }
}

function outcomeOf(
  services: Services,
  record: SessionRecord,
  decision: SweepDecision,
  { action, reason, error, freedBytes, archive }: CleanupReport,
): SweepDecision {
  // What was decided is told as it was planned, with what its archive takes of the room that it makes.
  const done = archive === undefined ? decision : { ...decision, archivedBytes: archive.bytes }
  // Absent: there was a record, and its folder was gone, so that the rest was removed.
  if (action !== 'kept') return { ...done, bytes: freedBytes }
  if (error !== undefined) return { ...done, error: `${reason} (${error})` }
  // Of a task in the caller's own folder everything goes but that.
  const isCallers = services.strategies.get(record.strategy)?.traits.ownsDirectory === false
  return isCallers
    ? { ...decision, reason: `${decision.reason}; the caller's own folder stays` }
    : keptAfterAll(decision, reason)
}

/** A removal that is out of the way, and cannot be ended. */
export function undeletable(decision: SweepDecision, left: readonly string[]): SweepDecision {
  return { ...decision, error: `${describeLeft(left)} (ROLLBACK_INCOMPLETE)` }
}
