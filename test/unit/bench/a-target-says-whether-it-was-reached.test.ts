import { expect, test } from 'vitest'
import { REUSE } from '../../../bench/probe-names.js'
import type { Results } from '../../../bench/results.js'
import { targetsTable } from '../../../bench/tables.js'
import { isReached, type Target, targets } from '../../../bench/targets.js'
import { cell, measured } from './measured.js'

const target = (start: string): Target => {
  const found = targets.find(({ what }) => what.startsWith(start))
  if (found === undefined) throw new Error(`no target starts with ${start}`)
  return found
}

const verdict = (start: string, results: Results) => isReached(target(start), target(start).figure(results))

const WORKTREE = '`worktree` against `git worktree add`, 5,000 files, one task'
const FAILED = 'tasks that failed'
const REUSED = 'a ready workspace asked for again'
const DELAY = 'event-loop delay (p99) of the orchestrator while 200 prepare, `clone`'
const DISK = 'disk per task beyond its files, `clone`, 200 files'

test('what was not measured is neither', () => {
  for (const each of targets) expect(isReached(each, each.figure(measured()))).toBeUndefined()
})

test.each([
  [[80, 80, 80], true],
  [[81, 81, 81], false],
])('a ratio may be the limit itself: %j against 100', (times, reached) => {
  const cells = [cell(5_000, { 'worktree-add': [100, 100, 100], 'prepare-worktree': times })]
  expect(verdict(WORKTREE, measured({ cells }))).toBe(reached)
})

test('a ratio of another size does not count', () => {
  const cells = [cell(200, { 'worktree-add': [100], 'prepare-worktree': [10] })]
  expect(verdict(WORKTREE, measured({ cells }))).toBeUndefined()
})

test('a single failure of ours is one too many, and those of others do not count', () => {
  const { contenders, ...rest } = cell(200, { 'worktree-add': [100], 'prepare-worktree': [10] })
  const failing = (who: string) => ({
    ...rest,
    contenders: contenders.map((rounds) => ({ ...rounds, failed: rounds.contender === who ? 1 : 0 })),
  })
  expect(verdict(FAILED, measured({ cells: [failing('worktree-add')] }))).toBe(true)
  expect(verdict(FAILED, measured({ cells: [failing('prepare-worktree')] }))).toBe(false)
})

test('reuse is what it costs beyond reading the record', () => {
  const reuse = (again: number, reading: number): Results =>
    measured({
      probes: [
        {
          probe: REUSE.probe,
          unit: 'ms',
          series: [
            { name: REUSE.again, values: [again] },
            { name: REUSE.reading, values: [reading] },
          ],
        },
      ],
    })
  expect(verdict(REUSED, reuse(5.5, 1))).toBe(true)
  expect(verdict(REUSED, reuse(6, 1))).toBe(false)
})

test('the delay counts where 200 were prepared, by the median of the runs', () => {
  const load = (tasks: number, ...delays: number[]): Results => {
    const runs = delays.map((loopDelayP99Ms) => ({
      milliseconds: 1,
      failed: 0,
      loopDelayP99Ms,
      loopDelayMaxMs: 1_000,
      restingBytes: 0,
      peakBytes: 0,
    }))
    return measured({ loads: [{ contender: 'prepare-clone', files: 200, tasks, runs }] })
  }
  expect(verdict(DELAY, load(200, 20, 49, 300))).toBe(true)
  expect(verdict(DELAY, load(200, 20, 50, 300))).toBe(false)
  expect(verdict(DELAY, load(20, 1))).toBeUndefined()
})

test('disk is counted in KiB', () => {
  const footprint = (diskBytesPerTask: number): Results =>
    measured({
      footprints: [
        {
          contender: 'prepare-clone',
          files: 200,
          tasks: 1,
          gitStartedPerTask: 1,
          gitProcessesPerTask: 1,
          diskBytesPerTask,
        },
      ],
    })
  expect(verdict(DISK, footprint(199 * 1024))).toBe(true)
  expect(verdict(DISK, footprint(200 * 1024))).toBe(false)
})

test('the table has a row for each target', () => {
  const table = targetsTable(measured())
  for (const { what } of targets) expect(table).toContain(what)
  expect(table.match(/not measured/g)).toHaveLength(targets.length)
})
