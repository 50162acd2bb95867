import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'
import { currentProcess } from '../fs/process-identity.js'

/** One look at the clocks of this machine, all in milliseconds. */
export interface ClockReading {
  /** The time of day, which may be set. */
  readonly now: number
  /** Since the machine was started. */
  readonly uptime: number
  /** For how long this process has seen the time of day go on without a jump. */
  readonly steadyFor: number
}

// proc(5) counts in clock ticks, of which Linux shows 100 a second to programs on every machine that Node runs on.
const TICK_MS = 10
/** Starts and the uptime are both cut to ticks, so that a process may look younger than itself. */
const CUT_MS = 2 * TICK_MS
/** Files are stamped by a clock that may be a tick behind, and the readings below are not made at one instant. */
const MARGIN_MS = 1_000
const JUMP_MS = 500

/**
 * Whether a process, by its start in `/proc/<pid>/stat`, was certainly not there yet when a file was last changed.
 *
 * A time of day that was set in between would make that wrong. So it is only said of processes that are younger
 * than this one, and only when this one has seen no jump.
 */
export function startedAfter(start: string, changedAtMs: number, reading: ClockReading): boolean {
  if (!/^\d+$/.test(start)) return false
  const age = reading.uptime - Number(start) * TICK_MS
  return age + CUT_MS < reading.steadyFor && reading.now - age > changedAtMs + MARGIN_MS
}

/** Reads the clocks; undefined where they do not agree with each other, or jumped while this process ran. */
export function readClocks(): ClockReading | undefined {
  const [now, steadyFor] = [Date.now(), performance.now()]
  if (Math.abs(now - performance.timeOrigin - steadyFor) > JUMP_MS) return undefined
  const uptime = readUptime()
  // Some containers are shown an uptime of their own, by which this process would be younger than it is.
  const age = uptime - Number(currentProcess().processStart || Number.NaN) * TICK_MS
  return age > steadyFor - TICK_MS ? { now, uptime, steadyFor } : undefined
}

function readUptime(): number {
  try {
    return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1_000
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EPERM')) return Number.NaN
    throw error
  }
}

// statfs(2): ext2-4, xfs, btrfs, tmpfs, overlay, zfs, f2fs.
const LOCAL = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010])

/** Whether files there are stamped by this machine's clock, which a file server need not share. */
export async function isStampedHere(path: string): Promise<boolean> {
  try {
    return LOCAL.has((await statfs(path)).type)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ENOSYS')) return false
    throw error
  }
}
