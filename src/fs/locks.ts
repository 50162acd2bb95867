import { dirname } from 'node:path'
import lockfile from 'proper-lockfile'
import { stopReason, throwIfStopped } from '../errors/stop-reason.js'
import { canonicalPath } from './canonical-path.js'
import { LinkedSignal } from './linked-signal.js'
import { LockClaim } from './lock-claim.js'
import { holdsAlready, runHolding } from './lock-context.js'
import { type LockRequest, lockReentered, lockTimeout } from './lock-errors.js'
import { LockFileSystem } from './lock-file-system.js'
import { clearDeadClaims, othersWait } from './lock-leftovers.js'
import { Patience } from './lock-patience.js'
import { type Turn, takeTurn } from './lock-queue.js'
import { Takeover } from './lock-takeover.js'
import { COURTESY_MS, LOCK_STALE_MS, LOCK_UPDATE_MS, POLL_MS } from './lock-timing.js'

export interface LockOptions {
  /** How long to wait for the lock, in milliseconds; 0 tries once. */
  readonly timeoutMs: number
  /** Ends the wait, and is passed on to the action. */
  readonly signal?: AbortSignal | undefined
  /** What the lock is taken for ('environment', 'fetch', …); named to whoever waits for it. */
  readonly purpose: string
}

/** A lock that is held. */
interface Hold {
  readonly lost: AbortSignal
  /** Rejects when the lock turns out to have been lost. */
  check(): Promise<void>
  /** Gives the lock back; rejects when it turns out to have been lost. */
  release(): Promise<void>
}

/**
 * Runs an action while holding the lock at a path: among all calls in this process, in the order of the
 * calls, and among all processes on all hosts that share the folder.
 *
 * A holder on this host loses the lock only by ending; its lock is then taken over at the next poll. A
 * holder on another host loses it when its heartbeat has stopped for 60 s. Missing parent folders are
 * created with mode 0700. Afterwards nothing of the lock is left on disk.
 *
 * The action's signal is aborted when the caller's is, and when the lock was lost (deleted by hand, or
 * taken by another host). The call then still waits for the action to settle, and rejects in any case.
 *
 * @throws ContentionError LOCK_TIMEOUT when the deadline passes, naming the holder; at once and with
 * `retryable: false` when the calling action holds this lock already; and when another host took the lock, also where
 * that has given it back since.
 * @throws IntegrityError TAMPERED when the lock was deleted while it was held.
 * @throws the signal's `stopReason` when it is aborted before the action starts.
 */
export async function withFileLock<T>(
  path: string,
  options: LockOptions,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const request = { path: canonicalPath(path), purpose: options.purpose }
  if (holdsAlready(request.path)) throw lockReentered(request)
  const hold = await acquire(request, options)
  const linked = new LinkedSignal(options.signal, hold.lost)
  try {
    throwIfStopped(options.signal)
    return await runHolding(request.path, hold.check, () => action(linked.signal))
  } finally {
    linked.unlink()
    await hold.release()
  }
}

async function acquire(request: LockRequest, options: LockOptions): Promise<Hold> {
  const patience = new Patience(options.timeoutMs, options.signal)
  try {
    return await waitInLine(request, patience)
  } catch (error) {
    const verdict = patience.verdict(error)
    if (verdict === 'stopped' && options.signal) throw stopReason(options.signal)
    throw verdict === 'expired' ? await lockTimeout(request, patience.waitedMs) : error
  } finally {
    patience.end()
  }
}

// Nothing may be awaited before the turn is asked for: the order of calls is the order in line.
async function waitInLine(request: LockRequest, patience: Patience): Promise<Hold> {
  const turn = await takeTurn(request.path, patience.signal)
  try {
    await giveWay(request, turn, patience)
    const hold = await waitForFile(request, patience)
    return { ...hold, release: () => hold.release().finally(turn.end) }
  } catch (error) {
    turn.end()
    throw error
  }
}

// The next in this process's line is always faster than another process's poll.
async function giveWay(request: LockRequest, turn: Turn, patience: Patience): Promise<void> {
  if (turn.busyMs < COURTESY_MS.after || !(await othersWait(request.path))) return
  await patience.pause(COURTESY_MS.pause)
  turn.restart()
}

async function waitForFile(request: LockRequest, patience: Patience): Promise<Hold> {
  const claim = new LockClaim(request)
  const clearing = clearDeadClaims(dirname(request.path))
  const [held, cleared] = await Promise.allSettled([poll(claim, patience), clearing])
  if (held.status === 'rejected') {
    await claim.withdraw()
    throw cleared.status === 'rejected' ? cleared.reason : held.reason
  }
  if (cleared.status === 'fulfilled') return held.value
  await held.value.release()
  throw cleared.reason
}

/** Tried for before anything is looked at, since most locks are free. */
async function poll(claim: LockClaim, patience: Patience): Promise<Hold> {
  const takeover = new Takeover(claim)
  for (let hold = await tryOnce(claim); ; ) {
    if (hold === undefined && (await takeover.clearTheWay())) hold = await tryOnce(claim)
    if (hold) return hold
    const { shortest, longest } = POLL_MS
    await patience.pause(shortest + Math.random() * (longest - shortest))
  }
}

async function tryOnce(claim: LockClaim): Promise<Hold | undefined> {
  const fs = new LockFileSystem(claim)
  const lost = new AbortController()
  const release = await lockUnlessHeld(claim.request.path, fs, (error) => lost.abort(fs.loss ?? error))
  if (release === undefined) return undefined
  return { lost: lost.signal, check: () => fs.check(), release: () => releaseOwn(release, fs) }
}

async function lockUnlessHeld(
  path: string,
  fs: LockFileSystem,
  onCompromised: (error: Error) => void,
): Promise<(() => Promise<void>) | undefined> {
  const settings = { retries: 0, realpath: false, stale: LOCK_STALE_MS, update: LOCK_UPDATE_MS }
  try {
    return await lockfile.lock(path, { ...settings, lockfilePath: path, fs, onCompromised })
  } catch (error) {
    if (hasCode(error, 'ELOCKED')) return undefined
    throw error
  }
}

async function releaseOwn(release: () => Promise<void>, fs: LockFileSystem): Promise<void> {
  try {
    await release()
  } catch (error) {
    if (!hasCode(error, 'ERELEASED')) throw error
    // proper-lockfile gave up on it; a heartbeat that failed for another reason leaves our file there.
    await fs.retract()
  }
  if (fs.loss) throw fs.loss
}

// proper-lockfile's own errors are no operating-system errors.
function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
