import { describe, expect, test } from 'vitest'
import type { Outcome, SessionState } from '../../../src/model/session-record.js'
import type { Activity, SessionFinding } from '../../../src/retention/findings.js'
import { planSession } from '../../../src/retention/plan-session.js'
import { KEY, retention, session, type Told } from './found.js'

const none: Activity = { kind: 'none' }
const newer: Activity = { kind: 'newer', path: 'workdir/a.ts' }
const unknown: Activity = { kind: 'unknown', problem: 'EACCES: not yours' }
const GONE = 'its owner is gone (process 7 on here)'

const table: readonly [Told, action: 'keep' | 'remove', reason: string][] = [
  // What never ended: by the owner alone, never by age.
  [{ state: 'reserved' }, 'remove', 'its prepare never ended: the owner is gone (process 7 on here)'],
  [{ state: 'preparing' }, 'remove', 'its prepare never ended: the owner is gone (process 7 on here)'],
  [{ state: 'removing' }, 'remove', 'its removal never ended: the owner is gone (process 7 on here)'],
  [
    { state: 'reserved', owner: 'alive', days: 99 },
    'keep',
    'it is reserved, and its owner lives (process 7 on here)',
  ],
  [
    { state: 'preparing', owner: 'self', days: 99 },
    'keep',
    'it is preparing, and its owner lives (process 7 on here)',
  ],
  [
    { state: 'removing', owner: 'alive', days: 99 },
    'keep',
    'it is removing, and its owner lives (process 7 on here)',
  ],
  // Finished: by age, whoever made it.
  [
    { state: 'finished', outcome: 'succeeded', days: 6.99 },
    'keep',
    'finished 6 days ago, and kept for 7 days',
  ],
  [{ state: 'finished', outcome: 'succeeded', days: 7 }, 'remove', 'finished 7 days ago, older than 7 days'],
  [{ state: 'finished', outcome: 'succeeded', days: 9 }, 'remove', 'finished 9 days ago, older than 7 days'],
  [
    { state: 'finished', outcome: 'succeeded', days: 9, owner: 'self' },
    'remove',
    'finished 9 days ago, older than 7 days',
  ],
  [{ state: 'finished', days: 1 / 24 }, 'keep', 'finished 1 hour ago, and kept for 7 days'],
  [{ state: 'finished', outcome: 'cancelled', days: 8 }, 'remove', 'cancelled 8 days ago, older than 7 days'],
  // Failed: by an age of its own.
  [{ state: 'finished', outcome: 'failed', days: 13 }, 'keep', 'failed 13 days ago, and kept for 14 days'],
  [{ state: 'finished', outcome: 'failed', days: 14 }, 'remove', 'failed 14 days ago, older than 14 days'],
  // In use: never.
  [
    { state: 'ready', owner: 'alive', days: 99 },
    'keep',
    'it is ready, and its owner lives (process 7 on here)',
  ],
  [
    { state: 'ready', owner: 'self', days: 99, activity: none },
    'keep',
    'it is ready, and its owner lives (process 7 on here)',
  ],
  // Abandoned: by its record and by what is in it.
  [{ state: 'ready', days: 2 }, 'keep', `${GONE}, and it was last used 2 days ago; it is kept for 7 days`],
  [
    { state: 'ready', days: 2, activity: none },
    'keep',
    `${GONE}, and it was last used 2 days ago; it is kept for 7 days`,
  ],
  [
    { state: 'ready', days: 8, activity: none },
    'remove',
    `${GONE}, it was last used 8 days ago, and nothing in it has changed for 7 days`,
  ],
  [
    { state: 'ready', days: 8, activity: newer },
    'keep',
    `${GONE}, and workdir/a.ts has changed within 7 days`,
  ],
]

test.each(table)('%j: %s, since %s', (told, action, reason) => {
  const kind = told.state === 'reserved' ? 'reservation' : 'workspace'
  const expected = { kind, key: KEY, path: '/tasks/task', action, reason }
  expect(planSession(session(told), retention())).toEqual(expected)
})

describe('what cannot be told is kept, for a person to look at', () => {
  test.each<[string, SessionFinding]>([
    ['an abandoned one that cannot be read', session({ state: 'ready', days: 99, activity: unknown })],
    ['an abandoned one that nobody has looked into', session({ state: 'ready', days: 99 })],
    ['a finished one without a readable time', withTimes(session({ state: 'finished' }), 'yesterday')],
    ['an abandoned one without a readable time', withTimes(session({ state: 'ready', activity: none }), '')],
  ])('%s', (_what, finding) => {
    expect(planSession(finding, retention())).toMatchObject({ action: 'keep', attention: 'needed' })
  })

  test('what stands in the way of a look is said', () => {
    const { reason } = planSession(session({ state: 'ready', days: 99, activity: unknown }), retention())
    expect(reason).toContain('EACCES: not yours')
  })
})

test.each<Told>([
  { state: 'ready', owner: 'alive' },
  { state: 'ready', days: 1 },
  { state: 'finished', days: 1 },
])('one whose checkout is gone needs a look while it is kept: %j', (told) => {
  const verdict = planSession(session({ ...told, checkout: 'absent' }), retention())
  expect(verdict).toMatchObject({ action: 'keep', attention: 'needed' })
  expect(verdict.reason).toContain('its checkout is gone')
})

test('and goes with age like any other', () => {
  const finding = session({ state: 'finished', days: 8, checkout: 'absent' })
  expect(planSession(finding, retention())).toMatchObject({ action: 'remove' })
})

test('a finished one that was used since is as old as that use', () => {
  const finding = session({ state: 'finished', days: 20 })
  const record = { ...finding.record, updatedAt: session({ state: 'ready', days: 3 }).record.updatedAt }
  expect(planSession({ ...finding, record }, retention())).toMatchObject({ action: 'keep' })
})

test('with no age at all everything goes that nobody uses', () => {
  const now = retention({ finishedMaxAgeMs: 0, failedMaxAgeMs: 0 })
  const outcomes: readonly (Outcome | undefined)[] = ['succeeded', 'failed', 'cancelled', undefined]
  for (const outcome of outcomes) {
    const finding = session({ state: 'finished', ...(outcome && { outcome }) })
    expect(planSession(finding, now)).toMatchObject({ action: 'remove' })
  }
  expect(planSession(session({ state: 'ready', activity: none }), now)).toMatchObject({ action: 'remove' })
  expect(planSession(session({ state: 'ready', owner: 'alive' }), now)).toMatchObject({ action: 'keep' })
})

test('a living owner keeps whatever has not ended, at any age', () => {
  const states: readonly SessionState[] = ['reserved', 'preparing', 'ready', 'removing']
  for (const state of states)
    for (const owner of ['alive', 'self'] as const)
      for (const days of [0, 7, 10_000])
        for (const checkout of ['present', 'absent'] as const) {
          const finding = session({ state, owner, days, checkout, activity: none })
          expect(planSession(finding, retention()).action, JSON.stringify(finding)).toBe('keep')
        }
})

function withTimes(finding: SessionFinding, time: string): SessionFinding {
  return { ...finding, record: { ...finding.record, updatedAt: time, finishedAt: undefined } }
}
