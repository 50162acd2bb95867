import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stopReason } from '../errors/stop-reason.js'
import { modifiedAt } from './lock-holder.js'
import { LOCK_STALE_MS, LOCK_UPDATE_MS } from './lock-timing.js'
import { serverTime } from './server-time.js'

/** Watches a heartbeat by a clock that does not jump. */
export class Heartbeat {
  readonly #periodMs: number
  #token = ''
  #beatAt: number | undefined
  #seenAt = 0

  constructor(periodMs = LOCK_UPDATE_MS) {
    this.#periodMs = periodMs
  }

  get silentMs(): number {
    return performance.now() - this.#seenAt
  }

  /** True once the same beat has been the last one for two periods; an old file alone proves nothing. */
  looksStopped(token: string, beatAt: number | undefined): boolean {
    if (token === this.#token && beatAt === this.#beatAt) return this.silentMs >= 2 * this.#periodMs
    this.#token = token
    this.#beatAt = beatAt
    this.#seenAt = performance.now()
    return false
  }
}

export interface WatchTiming {
  /** The period of the heartbeat that is watched, in milliseconds. */
  readonly periodMs: number
  /** A heartbeat as old as this may have stopped, in milliseconds. */
  readonly staleMs: number
}

export const LEASE_TIMING: WatchTiming = { periodMs: LOCK_UPDATE_MS, staleMs: LOCK_STALE_MS }

/**
 * Whether a file's heartbeat has stopped for good. A fresh one is answered at once; one that is old, or whose file
 * is absent, is watched for two periods first, since a clock that jumped and a cached folder both look like death.
 */
export async function hasStopped(
  file: string,
  timing: WatchTiming,
  signal?: AbortSignal,
): Promise<'stopped' | 'beating'> {
  const heartbeat = new Heartbeat(timing.periodMs)
  for (;;) {
    if (await isFresh(file, timing)) return 'beating'
    const beatAt = await modifiedAt(file)
    if (heartbeat.looksStopped(file, beatAt)) return 'stopped'
    await pauseUnlessStopped(timing.periodMs / 4, signal)
  }
}

/** Whether a file's last heartbeat is too young to be the last one. */
export async function isFresh(file: string, timing: WatchTiming): Promise<boolean> {
  const beatAt = await modifiedAt(file)
  return beatAt !== undefined && !(await isOld(file, beatAt, timing))
}

async function pauseUnlessStopped(delayMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await pause(delayMs, undefined, { signal })
  } catch (error) {
    if (signal?.aborted) throw stopReason(signal)
    throw error
  }
}

/** The age is measured by the file server's clock on both sides: hosts' own clocks may disagree. */
async function isOld(file: string, beatAt: number, { staleMs }: WatchTiming): Promise<boolean> {
  // Where nothing can be written nobody is declared dead.
  const now = await serverTime(join(file, '..'))
  return now !== undefined && Math.abs(now - beatAt) >= staleMs
}
