import type { Outcome, SessionRecord, SessionState } from '../../../src/model/session-record.js'
import type { Activity, SessionFinding } from '../../../src/retention/findings.js'
import { type Retention, retentionOf } from '../../../src/retention/policy.js'

export const NOW = new Date('2024-06-15T12:00:00.000Z')
export const DAY_MS = 86_400_000

export const KEY = { envId: 'shop', taskId: 'task' } as const

export const ago = (days: number, now = NOW) => new Date(now.getTime() - days * DAY_MS).toISOString()

/** The policy without a word of anybody's, at `NOW`, but for what is given. */
export function retention(changes: Partial<Retention> = {}): Retention {
  const settings = {
    keepFailed: true,
    maxAgeDays: 7,
    failedMaxAgeDays: 14,
    archiveMaxAgeDays: 30,
    maxTotalBytes: undefined,
  }
  return { ...retentionOf(settings, {}, NOW), ...changes }
}

export interface Told {
  readonly state: SessionState
  readonly outcome?: Outcome
  readonly owner?: SessionFinding['owner']
  readonly checkout?: SessionFinding['checkout']
  /** How many days ago it was last changed; where it is finished, finished. */
  readonly days?: number
  readonly activity?: Activity
  readonly bytes?: number
  readonly taskId?: string
}

export function session(told: Told): SessionFinding {
  const {
    state,
    outcome,
    owner = 'dead',
    checkout = 'present',
    days = 0,
    activity,
    bytes,
    taskId = 'task',
  } = told
  const time = ago(days)
  const record: SessionRecord = {
    ...{ ...KEY, taskId, formatVersion: 2, state, outcome, strategy: 'clone' },
    rootDir: `/tasks/${taskId}`,
    workDir: `/tasks/${taskId}/workdir`,
    owner: { host: 'here', pid: 7, processStart: '1', id: 'x', bootId: '' },
    createdAt: ago(days + 1),
    updatedAt: time,
    finishedAt: state === 'finished' ? time : undefined,
  }
  return { kind: 'session', record, owner, checkout, activity, bytes }
}
