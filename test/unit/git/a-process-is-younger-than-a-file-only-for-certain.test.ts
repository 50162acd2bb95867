import { afterEach, expect, it, vi } from 'vitest'
import { currentProcess } from '../../../src/fs/process-identity.js'
import { type ClockReading, isStampedHere, readClocks, startedAfter } from '../../../src/git/process-clock.js'
import { temporaryDirectory } from './fake-git.js'

afterEach(() => vi.restoreAllMocks())

const SECOND = 1_000
const onLinux = it.runIf(process.platform === 'linux')

/** The machine has run for 1000 s, and this process for 100 s of them. */
const reading: ClockReading = { now: 5_000 * SECOND, uptime: 1_000 * SECOND, steadyFor: 100 * SECOND }
/** In ticks of 10 ms. */
const startedSecondsAgo = (seconds: number) => String((1_000 - seconds) * 100)
const changedSecondsAgo = (seconds: number) => (5_000 - seconds) * SECOND

it.each([
  { name: 'started well after the change', started: 10, changed: 20, expected: true },
  { name: 'started within the second after the change', started: 19.5, changed: 20, expected: false },
  { name: 'started before the change', started: 30, changed: 20, expected: false },
  { name: 'was there before this process', started: 101, changed: 200, expected: false },
  { name: 'started before a change that lies in the future', started: 1, changed: -10, expected: false },
])('a process that $name', ({ started, changed, expected }) => {
  expect(startedAfter(startedSecondsAgo(started), changedSecondsAgo(changed), reading)).toBe(expected)
})

it('nothing is said of a process whose start is not known', () => {
  expect(startedAfter('', 0, reading)).toBe(false)
})

onLinux('the clocks of this machine agree with each other', () => {
  const { processStart } = currentProcess()
  const clocks = readClocks()
  expect(clocks?.now).toBeGreaterThan(performance.timeOrigin)
  // This process is as old as it is, not younger.
  expect(clocks && clocks.uptime - Number(processStart) * 10).toBeGreaterThan((clocks?.steadyFor ?? 0) - 10)
  expect(clocks && startedAfter(processStart, 0, clocks)).toBe(false)
})

onLinux.each([-3_600, 3_600])('nothing is said after a clock was set by %s seconds', (seconds) => {
  const trueNow = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => trueNow() + seconds * SECOND)
  expect(readClocks()).toBeUndefined()
})

onLinux('only files of local disks are stamped by the clock of this machine', async () => {
  expect(await isStampedHere('/proc')).toBe(false)
  expect(await isStampedHere('/proc/nothing')).toBe(false)
  expect(await isStampedHere(await temporaryDirectory())).toBe(true)
})
