import { unlink } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'
import { isGone } from './foreign-holder.js'
import type { LockClaim } from './lock-claim.js'
import { type HeldLock, readLock } from './lock-holder.js'

/**
 * Decides, over the polls of one wait, whether the holder of a lock is gone, and clears what it left.
 *
 * On the same host the process decides, never an age: a blocked, stopped or slow holder keeps its lock
 * however wrong the clock is. Where the process cannot be looked at, its heartbeat decides.
 */
export class Takeover {
  readonly #claim: LockClaim
  #askedServerAt: number | undefined

  constructor(claim: LockClaim) {
    this.#claim = claim
  }

  /** Whether the lock can be tried for: it is free, or its holder was gone and is now cleared away. */
  async clearTheWay(): Promise<boolean> {
    const { path } = this.#claim.request
    const view = await readLock(path)
    if (view.state === 'free') return true
    if (!(await isGone(path, view, () => this.#serverTime()))) return false
    await discardHolder(view)
    return true
  }

  /** Asked for once a second at the most. */
  async #serverTime(): Promise<number | undefined> {
    const now = performance.now()
    if (this.#askedServerAt !== undefined && now - this.#askedServerAt < 1_000) return undefined
    this.#askedServerAt = now
    return this.#claim.serverTime()
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
