import { expect, test } from 'vitest'
import type { SessionRecord, SessionState } from '../../../src/model/session-record.js'
import type { Finding } from '../../../src/retention/findings.js'
import { planRecovery } from '../../../src/retention/plan-recovery.js'

const key = { envId: 'shop', taskId: 'task' }

function session(
  state: SessionState,
  owner: 'self' | 'alive' | 'dead',
  checkout: 'present' | 'absent' = 'present',
) {
  const record: SessionRecord = {
    ...key,
    formatVersion: 2,
    state,
    strategy: 'clone',
    rootDir: '/tasks/task',
    workDir: '/tasks/task/workdir',
    owner: { host: 'here', pid: 7, processStart: '1', id: 'x', bootId: '' },
    createdAt: '2024-01-01T00:00:00.000Z',
    updatedAt: '2024-01-01T00:00:00.000Z',
  }
  return { kind: 'session', record, owner, checkout } as const
}

test.each([
  [
    'reserved',
    'dead',
    'remove',
    'reservation',
    'its prepare never ended: the owner is gone (process 7 on here)',
  ],
  ['reserved', 'alive', 'keep', 'reservation', 'it is reserved, and its owner lives (process 7 on here)'],
  ['reserved', 'self', 'keep', 'reservation', 'it is reserved, and its owner lives (process 7 on here)'],
  [
    'preparing',
    'dead',
    'remove',
    'workspace',
    'its prepare never ended: the owner is gone (process 7 on here)',
  ],
  ['preparing', 'alive', 'keep', 'workspace', 'it is preparing, and its owner lives (process 7 on here)'],
  [
    'removing',
    'dead',
    'remove',
    'workspace',
    'its removal never ended: the owner is gone (process 7 on here)',
  ],
  ['removing', 'alive', 'keep', 'workspace', 'it is removing, and its owner lives (process 7 on here)'],
  ['ready', 'dead', 'keep', 'workspace', 'it is ready'],
  ['ready', 'self', 'keep', 'workspace', 'it is ready'],
  ['finished', 'dead', 'keep', 'workspace', 'it is finished'],
] as const)('a session that is %s, its owner %s: %s', (state, owner, action, kind, reason) => {
  expect(planRecovery(session(state, owner))).toEqual({ kind, key, path: '/tasks/task', action, reason })
})

test.each(['ready', 'finished'] as const)('a %s session whose checkout is gone needs a look', (state) => {
  const plan = planRecovery(session(state, 'dead', 'absent'))
  expect(plan).toMatchObject({ action: 'keep', attention: 'needed' })
  expect(plan.reason).toContain('its checkout is gone')
})

const path = '/somewhere'
const others: readonly [Finding, object][] = [
  [
    { kind: 'unreadable record', path, key, cause: 'corrupt' },
    { kind: 'workspace', action: 'keep', attention: 'needed', key },
  ],
  [
    { kind: 'unreadable record', path, key, cause: 'newer format' },
    { kind: 'workspace', action: 'keep', attention: 'needed' },
  ],
  [
    { kind: 'orphan directory', path, content: 'checkout' },
    { kind: 'orphan-directory', action: 'keep', attention: 'needed' },
  ],
  [
    { kind: 'orphan directory', path, content: 'artifacts' },
    { kind: 'orphan-directory', action: 'keep' },
  ],
  [
    { kind: 'orphan registration', path, workDir: '/w', checkout: 'present' },
    { kind: 'orphan-registration', action: 'keep', attention: 'needed' },
  ],
  [
    { kind: 'orphan registration', path, workDir: '/w', checkout: 'absent' },
    { kind: 'orphan-registration', action: 'keep', attention: 'needed' },
  ],
  [
    { kind: 'trash', path, key },
    { kind: 'trash', action: 'remove', key },
  ],
  [
    { kind: 'leftover', path, what: 'lock', maker: 'dead' },
    { kind: 'temporary', action: 'remove' },
  ],
  [
    { kind: 'leftover', path, what: 'temporary file', maker: 'unknown' },
    { kind: 'temporary', action: 'keep', attention: 'needed' },
  ],
]

test.each(others)('%j', (finding, expected) => {
  const plan = planRecovery(finding)
  expect(plan).toMatchObject({ path, ...expected })
  expect(plan.reason).toMatch(/^\S.{10,}/)
  if (!('attention' in expected)) expect(plan.attention).toBeUndefined()
})
