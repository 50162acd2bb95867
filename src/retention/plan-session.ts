import type { SessionRecord } from '../model/session-record.js'
import { sessionKey } from '../model/workspace-key.js'
import { type Age, ageOfLatest, ageProblem, describeAge, describeLimit } from './age.js'
import type { SessionFinding } from './findings.js'
import type { Verdict } from './planned.js'
import type { Retention } from './policy.js'

/**
 * What to do about a session. What a killed process left half done is completed or undone at once; finished
 * workspaces go by age, and those whose owner is gone by the age of the last change in them. Pure.
 */
export function planSession(finding: SessionFinding, retention: Retention): Verdict {
  const { record } = finding
  const verdict = decide(finding, retention)
  const kind = record.state === 'reserved' ? 'reservation' : 'workspace'
  return { kind, path: record.rootDir, key: sessionKey(record), ...verdict }
}

type Opinion = Pick<Verdict, 'action' | 'reason' | 'attention'>

function decide(finding: SessionFinding, retention: Retention): Opinion {
  const { record, owner, checkout } = finding
  const { state } = record
  if (finding.problem !== undefined) return look(`it cannot be looked into (${finding.problem})`)
  if (state !== 'ready' && state !== 'finished') return planHalfDone(finding)
  if (state === 'ready' && owner !== 'dead')
    return checkout === 'present' ? keep(`it is ready, and its owner lives (${holder(record)})`) : LOST
  const opinion = state === 'finished' ? planFinished(record, retention) : planAbandoned(finding, retention)
  return opinion.action === 'keep' && checkout === 'absent' ? LOST : opinion
}

const LOST: Opinion = {
  action: 'keep',
  reason: 'its checkout is gone; cleanup removes the rest',
  attention: 'needed',
}

function planHalfDone({ record, owner, atWork }: SessionFinding): Opinion {
  const isLeft = owner !== 'dead' && atWork === 'nobody'
  if (owner !== 'dead' && !isLeft)
    return keep(`it is ${record.state}, and its owner lives (${holder(record)})`)
  const undone = record.state === 'removing' ? 'its removal never ended' : 'its prepare never ended'
  const why = isLeft ? 'nobody is at work on it' : `the owner is gone (${holder(record)})`
  return { action: 'remove', reason: `${undone}: ${why}` }
}

const ENDED = { succeeded: 'finished', failed: 'failed', cancelled: 'cancelled' } as const

function planFinished(record: SessionRecord, retention: Retention): Opinion {
  const age = ageOf(record, retention)
  if ('problem' in age) return look(ageProblem(age))
  const limit = limitOf(record, retention)
  const ended = `${ENDED[record.outcome ?? 'succeeded']} ${describeAge(age.ms)} ago`
  if (age.ms < limit) return keep(`${ended}, and kept for ${describeLimit(limit)}`)
  return { action: 'remove', reason: `${ended}, older than ${describeLimit(limit)}` }
}

function planAbandoned({ record, activity }: SessionFinding, retention: Retention): Opinion {
  const age = ageOf(record, retention)
  if ('problem' in age) return look(ageProblem(age))
  const limit = limitOf(record, retention)
  const gone = `its owner is gone (${holder(record)})`
  if (age.ms < limit)
    return keep(
      `${gone}, and it was last used ${describeAge(age.ms)} ago; it is kept for ${describeLimit(limit)}`,
    )
  if (activity?.kind === 'none')
    return {
      action: 'remove',
      reason: `${gone}, it was last used ${describeAge(age.ms)} ago, and nothing in it has changed for ${describeLimit(limit)}`,
    }
  if (activity?.kind === 'newer')
    return keep(`${gone}, and ${activity.path} has changed within ${describeLimit(limit)}`)
  return look(
    `${gone}; whether anything in it has changed cannot be told (${activity?.problem ?? 'not read'})`,
  )
}

/** Whether the record alone would let it go, so that it is worth a look into the folder. */
export function isWorthALook({ record, owner }: SessionFinding, retention: Retention): boolean {
  if (record.state !== 'ready' || owner !== 'dead') return false
  const age = ageOf(record, retention)
  return 'ms' in age && age.ms >= limitOf(record, retention)
}

/** Since when a session has been left alone, as far as its record knows. */
export function ageOf({ finishedAt, updatedAt }: SessionRecord, { now }: Retention): Age {
  return ageOfLatest([finishedAt, updatedAt], now)
}

export function limitOf({ outcome }: SessionRecord, retention: Retention): number {
  return outcome === 'failed' ? retention.failedMaxAgeMs : retention.finishedMaxAgeMs
}

function keep(reason: string): Opinion {
  return { action: 'keep', reason }
}

/** Kept, for a person to decide about. */
function look(reason: string): Opinion {
  return { action: 'keep', reason, attention: 'needed' }
}

function holder({ owner }: SessionRecord): string {
  return `process ${owner.pid} on ${owner.host}`
}
