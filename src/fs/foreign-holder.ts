import { setTimeout as pause } from 'node:timers/promises'
import { stopReason } from '../errors/stop-reason.js'
import { Heartbeat } from './heartbeat-watch.js'
import { type HeldLock, type LockView, modifiedAt, readLock } from './lock-holder.js'
import { LOCK_STALE_MS, LOCK_UPDATE_MS } from './lock-timing.js'
import { isSameProcessAlive } from './process-identity.js'

/** A lock that nobody has looked at for so long is forgotten: nothing is known of what happened to it since. */
const FORGOTTEN_MS = 3_600_000

/** Half a period longer than a heartbeat has to be silent. */
const LONGEST_WATCH_MS = 2.5 * LOCK_UPDATE_MS

interface Seen {
  readonly heartbeat: Heartbeat
  lookedAt: number
}

/**
 * What this process has seen of holders that it cannot look at, by the paths of their locks. It outlives the single
 * wait: a caller that waits for less than two periods would otherwise begin to watch anew each time.
 */
const seen = new Map<string, Seen>()

/** Whether a holder is gone for certain: its process, or where that cannot be looked at its heartbeat, decides. */
export async function isGone(
  lock: string,
  view: HeldLock,
  serverTime: () => Promise<number | undefined>,
): Promise<boolean> {
  const process = view.holder ? isSameProcessAlive(view.holder) : 'unknown'
  if (process !== 'unknown') return process === 'dead'
  const beatAt = await modifiedAt(view.file)
  const heartbeat = heartbeatOf(lock)
  if (beatAt === undefined || !heartbeat.looksStopped(view.token, beatAt)) return false
  // The age is measured by the file server's clock on both sides: hosts' own clocks may disagree.
  if (heartbeat.silentMs < LOCK_STALE_MS && !isOld(await serverTime(), beatAt)) return false
  // Looked at again last of all: it may have come back while its age was being measured.
  return (await modifiedAt(view.file)) === beatAt
}

function heartbeatOf(lock: string): Heartbeat {
  const now = performance.now()
  for (const [path, { lookedAt }] of seen) if (now - lookedAt > FORGOTTEN_MS) seen.delete(path)
  const known = seen.get(lock) ?? { heartbeat: new Heartbeat(), lookedAt: now }
  known.lookedAt = now
  seen.set(lock, known)
  return known.heartbeat
}

function isOld(now: number | undefined, beatAt: number): boolean {
  return now !== undefined && Math.abs(now - beatAt) >= LOCK_STALE_MS
}

/**
 * Watches the locks of holders that cannot be looked at and whose last heartbeat is old, all together, until it is
 * known of each whether it still beats: 12.5 seconds at the most, and no time at all where there are none. `isGone`
 * then answers at once.
 */
export async function watchForeignHolders(
  locks: readonly string[],
  serverTime: (lock: string) => Promise<number | undefined>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const startedAt = performance.now()
  const watched = await whichOf(locks, (lock) => isDoubtful(lock, () => serverTime(lock)))
  for (let open: readonly string[] = watched; ; ) {
    open = await whichOf(open, isUndecided)
    if (open.length === 0 || performance.now() - startedAt >= LONGEST_WATCH_MS) return
    await pauseUnlessStopped(LOCK_UPDATE_MS / 5, signal)
  }
}

async function isDoubtful(lock: string, serverTime: () => Promise<number | undefined>): Promise<boolean> {
  const view = await readLock(lock)
  if (view.state === 'free' || isKnown(view)) return false
  const beatAt = await modifiedAt(view.file)
  return beatAt !== undefined && isOld(await serverTime(), beatAt)
}

function isKnown({ holder }: HeldLock): boolean {
  return holder !== undefined && isSameProcessAlive(holder) !== 'unknown'
}

async function isUndecided(lock: string): Promise<boolean> {
  const view: LockView = await readLock(lock)
  if (view.state === 'free' || isKnown(view)) return false
  const beatAt = await modifiedAt(view.file)
  return beatAt !== undefined && !heartbeatOf(lock).looksStopped(view.token, beatAt)
}

async function whichOf(
  locks: readonly string[],
  holds: (lock: string) => Promise<boolean>,
): Promise<string[]> {
  const answers = await Promise.all(locks.map(holds))
  return locks.filter((_, index) => answers[index])
}

async function pauseUnlessStopped(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(delayMs, undefined, { signal })
  } catch (error) {
    if (signal?.aborted) throw stopReason(signal)
    throw error
  }
}
