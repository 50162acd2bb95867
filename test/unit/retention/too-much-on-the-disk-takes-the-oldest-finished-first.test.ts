import { expect, test } from 'vitest'
import type { Finding } from '../../../src/retention/findings.js'
import { planSweep } from '../../../src/retention/plan-sweep.js'
import type { Retention } from '../../../src/retention/policy.js'
import { retention, session } from './found.js'

const GB = 1_000_000_000
const one = session({ state: 'finished', taskId: 'one', days: 1, bytes: GB })
const two = session({ state: 'finished', taskId: 'two', days: 2, bytes: GB })
const three = session({ state: 'finished', taskId: 'three', days: 3, bytes: GB })
const old = session({ state: 'finished', taskId: 'old', days: 8, bytes: 4 * GB })
const failed = session({ state: 'finished', outcome: 'failed', taskId: 'failed', days: 5, bytes: GB })
const busy = session({ state: 'ready', owner: 'alive', taskId: 'busy', days: 6, bytes: GB })
const abandoned = session({ state: 'ready', taskId: 'abandoned', days: 6, bytes: GB })
const odd = session({ state: 'finished', taskId: 'odd', days: -3, bytes: GB })

function going(findings: readonly Finding[], usedBytes: number, changes: Partial<Retention>): string[] {
  const [plan = []] = planSweep([{ findings, usedBytes }], retention(changes))
  return plan
    .filter(({ decision }) => decision.action === 'remove')
    .map(({ decision }) => decision.key?.taskId ?? '')
}

test('as many as needed, the oldest first', () => {
  const all = [one, three, two]
  expect(going(all, 5 * GB, { maxTotalBytes: 5 * GB })).toEqual([])
  expect(going(all, 5 * GB, { maxTotalBytes: 5 * GB - 1 })).toEqual(['three'])
  expect(going(all, 5 * GB, { maxTotalBytes: 4 * GB })).toEqual(['three'])
  expect(going(all, 5 * GB, { maxTotalBytes: 3 * GB })).toEqual(['three', 'two'])
  expect(going(all, 5 * GB, { maxTotalBytes: 1 })).toEqual(['one', 'three', 'two'])
  expect(going(all, 5 * GB, { maxTotalBytes: undefined })).toEqual([])
})

test('what goes by age anyway counts as gone', () => {
  expect(going([one, two, old], 8 * GB, { maxTotalBytes: 4 * GB })).toEqual(['old'])
  expect(going([one, two, old], 8 * GB, { maxTotalBytes: 3 * GB })).toEqual(['two', 'old'])
})

test('nothing else goes, however much there is', () => {
  expect(going([failed, busy, abandoned, odd, one], 100 * GB, { maxTotalBytes: 1 })).toEqual(['one'])
})

test('failed ones go like any other where they are not kept for debugging', () => {
  expect(going([failed, one], 3 * GB, { maxTotalBytes: 2 * GB, keepFailed: false })).toEqual(['failed'])
})

test('the limit is one for all environments that are swept together', () => {
  const surveyed = [
    { findings: [one], usedBytes: 2 * GB },
    { findings: [two, three], usedBytes: 3 * GB },
  ]
  const plans = planSweep(surveyed, retention({ maxTotalBytes: 4 * GB }))
  const actions = plans.map((plan) => plan.map(({ decision }) => decision.action))
  expect(actions).toEqual([['keep'], ['keep', 'remove']])
})

test('the reason says how much there is', () => {
  const [[planned] = []] = planSweep(
    [{ findings: [two], usedBytes: 2.345 * GB }],
    retention({ maxTotalBytes: 999 }),
  )
  expect(planned?.decision.reason).toBe(
    'finished 2 days ago, the oldest of those left: 2.35 GB are used, more than 999 B',
  )
})
