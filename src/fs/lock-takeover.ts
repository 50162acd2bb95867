import { unlink } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'
import { Heartbeat } from './heartbeat-watch.js'
import type { LockClaim } from './lock-claim.js'
import { type HeldLock, modifiedAt, readLock } from './lock-holder.js'
import { LOCK_STALE_MS } from './lock-timing.js'
import { isSameProcessAlive } from './process-identity.js'

/**
 * Decides, over the polls of one wait, whether the holder of a lock is gone, and clears what it left.
 *
 * On the same host the process decides, never an age: a blocked, stopped or slow holder keeps its lock
 * however wrong the clock is. Where the process cannot be looked at, its heartbeat decides.
 */
export class Takeover {
  readonly #claim: LockClaim
  readonly #heartbeat = new Heartbeat()
  #askedServerAt = 0

  constructor(claim: LockClaim) {
    this.#claim = claim
  }

  /** Whether the lock can be tried for: it is free, or its holder was gone and is now cleared away. */
  async clearTheWay(): Promise<boolean> {
    const view = await readLock(this.#claim.request.path)
    if (view.state === 'free') return true
    if (!(await this.#isGone(view))) return false
    await discardHolder(view)
    return true
  }

  async #isGone(view: HeldLock): Promise<boolean> {
    const process = view.holder ? isSameProcessAlive(view.holder) : 'unknown'
    if (process !== 'unknown') return process === 'dead'
    const beatAt = await modifiedAt(view.file)
    if (beatAt === undefined || !this.#heartbeat.looksStopped(view.token, beatAt)) return false
    // Looked at again last of all: it may have come back while its age was being measured.
    return (await this.#isOld(beatAt)) && (await modifiedAt(view.file)) === beatAt
  }

  // The age is measured by the file server's clock on both sides: hosts' own clocks may disagree.
  async #isOld(beatAt: number): Promise<boolean> {
    if (this.#heartbeat.silentMs >= LOCK_STALE_MS) return true
    if (performance.now() - this.#askedServerAt < 1_000) return false
    this.#askedServerAt = performance.now()
    const now = await this.#claim.serverTime()
    return now !== undefined && Math.abs(now - beatAt) >= LOCK_STALE_MS
  }
}

/**
 * Clears one holder's file away, which frees the lock for whoever comes first.
 *
 * The name carries the token: of many that try at once exactly one succeeds, and a newer holder is never hit.
 */
export async function discardHolder(view: HeldLock): Promise<void> {
  try {
    await unlink(view.file)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}
