import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Anchor, followClock, presentBy } from '../../../src/retention/clock.js'
import type { ArchiveFinding } from '../../../src/retention/findings.js'
import { planFinding } from '../../../src/retention/plan-sweep.js'
import { ago, DAY_MS, KEY, NOW, retention, session } from './found.js'

const at = (days: number) => retention({ now: new Date(NOW.getTime() + days * DAY_MS) })

const none = { kind: 'none' } as const
const everything = [
  session({ state: 'finished', outcome: 'succeeded' }),
  session({ state: 'finished', outcome: 'failed' }),
  session({ state: 'ready', activity: none }),
  { kind: 'archive', path: '/a', key: KEY, archiveId: 'a', createdAt: ago(0) } satisfies ArchiveFinding,
]

describe('set back', () => {
  test.each([-1, -400, -20_000])('by %d days, everything is kept, and the reason names the time', (days) => {
    for (const finding of everything) {
      const { action, reason, attention } = planFinding(finding, at(days))
      expect([action, attention]).toEqual(['keep', 'needed'])
      expect(reason).toContain(`its time lies in the future (${ago(0)})`)
    }
  })

  test('by less than hosts may disagree, it is as if no time had passed', () => {
    for (const finding of everything) {
      const { action, attention } = planFinding(finding, at(-30 / 86_400))
      expect([action, attention]).toEqual(['keep', undefined])
    }
    const now = { ...at(-30 / 86_400), finishedMaxAgeMs: 0 }
    expect(planFinding(session({ state: 'finished' }), now).action).toBe('remove')
  })

  test('and forth again, everything has the age that it has', () => {
    for (const finding of everything) {
      const before = planFinding(finding, at(3))
      expect(planFinding(finding, at(-3)).action).toBe('keep')
      expect(planFinding(finding, at(3))).toEqual(before)
    }
  })
})

test('at whatever time, nothing goes that is younger than its limit', () => {
  fc.assert(
    fc.property(fc.double({ min: -10_000, max: 6.9999, noNaN: true }), (days) => {
      for (const finding of everything) expect(planFinding(finding, at(days)).action).toBe('keep')
    }),
  )
})

test('what is older never becomes safer by getting older still', () => {
  fc.assert(
    fc.property(fc.double({ min: 30, max: 100_000, noNaN: true }), (days) => {
      for (const finding of everything) expect(planFinding(finding, at(days)).action).toBe('remove')
    }),
  )
})

describe('set ahead while this process runs, or on this host alone', () => {
  const real = NOW.getTime()
  const jumped = real + 400 * DAY_MS

  test.each([
    ['the time since the process began is gone by', { host: jumped, fileServer: jumped, unset: real }],
    ["the file server's time is gone by", { host: jumped, fileServer: real, unset: jumped }],
    ['the one furthest behind is gone by', { host: jumped, fileServer: jumped - DAY_MS, unset: real }],
  ])('%s', (_what, clocks) => {
    const { now, doubt } = presentBy(clocks)
    expect(now).toEqual(NOW)
    expect(doubt).toContain(new Date(jumped).toISOString())
    expect(doubt).toContain(NOW.toISOString())
    for (const finding of everything) expect(planFinding(finding, retention({ now })).action).toBe('keep')
    // The control: by the clock that jumped, all of it would be gone.
    const deceived = retention({ now: new Date(jumped) })
    for (const finding of everything) expect(planFinding(finding, deceived).action).toBe('remove')
  })

  test.each([
    ['all agree', { host: real, fileServer: real, unset: real }],
    ['no file can be written', { host: real, fileServer: undefined, unset: real }],
    ['they differ by a little', { host: real, fileServer: real - 20_000, unset: real - 59_000 }],
    ['the others are ahead', { host: real, fileServer: jumped, unset: jumped }],
  ])("where %s, this host's own time is gone by, without a word", (_what, clocks) => {
    expect(presentBy(clocks)).toEqual({ now: NOW })
  })
})

describe('followed from sweep to sweep', () => {
  /** What is gone by at each of some hours, where the clock is ahead by so many days then. */
  function follow(looks: readonly (readonly [hours: number, aheadDays: number])[]): number[] {
    let anchor: Anchor = { wall: NOW.getTime(), steady: 5_000 }
    return looks.map(([hours, aheadDays]) => {
      const passed = hours * 3_600_000
      const wall = NOW.getTime() + passed + aheadDays * DAY_MS
      const followed = followClock(anchor, { wall, steady: 5_000 + passed })
      anchor = followed.anchor
      return Math.round((followed.shown - NOW.getTime() - passed) / DAY_MS)
    })
  }

  test('one that was set ahead is not believed before it has stayed so for a day', () => {
    const looks = [1, 2, 24.9, 25, 26].map((hours) => [hours, 400] as const)
    expect(follow(looks)).toEqual([0, 0, 0, 400, 400])
  })

  test('one that came back in time was never believed', () => {
    expect(
      follow([
        [1, 400],
        [20, 400],
        [21, 0],
        [30, 400],
        [53, 400],
        [54, 400],
      ]),
    ).toEqual([0, 0, 0, 0, 0, 400])
  })

  test('one that was set back is believed at once', () => {
    expect(
      follow([
        [1, -400],
        [2, -400],
      ]),
    ).toEqual([-400, -400])
    expect(
      follow([
        [1, -400],
        [2, 0],
      ]),
    ).toEqual([-400, -400])
  })

  test('small corrections are followed', () => {
    const minutes = Array.from({ length: 2_000 }, (_, index) => [index, index / 1_440] as const)
    expect(follow(minutes).at(-1)).toBe(1)
  })
})
