import { AsyncResource } from 'node:async_hooks'
import { LinkedSignal } from '../fs/linked-signal.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { type LockOptions, withFileLock } from '../fs/locks.js'
import type { SessionRecord } from '../model/session-record.js'

/** Makes a claim, knowing every other record; the lock is held. `mayGoOn` rejects where it is not any more. */
export type MakeClaim = (
  others: readonly SessionRecord[],
  mayGoOn: () => Promise<void>,
) => Promise<SessionRecord>

interface Ticket {
  readonly make: MakeClaim
  /** Ends the ticket's own wait for the lock, once somebody else has begun to serve it. */
  readonly served: AbortController
  outcome: Promise<PromiseSettledResult<SessionRecord>> | undefined
}

/**
 * So long the others of this process are served under one hold, or for as long as the look at all records took; then
 * other processes may have the lock.
 */
const LONGEST_HOLD_MS = 100

/**
 * The claims of one environment that wait in this process. Whoever gets the lock makes them all, in order: of hundreds
 * that start together not each takes the lock and looks through all records.
 */
export class ClaimLine {
  readonly #lock: string
  readonly #listOthers: () => Promise<SessionRecord[]>
  readonly #waiting = new Set<Ticket>()

  /** `lock` is its path. */
  constructor(lock: string, listOthers: () => Promise<SessionRecord[]>) {
    this.#lock = lock
    this.#listOthers = listOthers
  }

  /** As `withFileLock`; what `make` is called in is the caller's own asynchronous context. */
  async claim(make: MakeClaim, options: LockOptions): Promise<SessionRecord> {
    const ticket: Ticket = {
      make: AsyncResource.bind(make),
      served: new AbortController(),
      outcome: undefined,
    }
    const signal = new LinkedSignal(options.signal, ticket.served.signal)
    this.#waiting.add(ticket)
    try {
      await withFileLock(this.#lock, { ...options, signal: signal.signal }, (held) =>
        this.#serve(ticket, held),
      )
    } catch (error) {
      // A claim that somebody has begun to make is waited for, so that none is made behind its caller's back.
      const outcome = await ticket.outcome
      const isServed = ticket.served.signal.aborted || outcome?.status === 'rejected'
      if (!isServed) throw error
    } finally {
      signal.unlink()
      this.#waiting.delete(ticket)
    }
    return resultOf(ticket)
  }

  async #serve(own: Ticket, held: AbortSignal): Promise<void> {
    const startedAt = performance.now()
    // Whoever comes later may know of something that is released by now and still in the list.
    const waiting = [...this.#waiting].filter((ticket) => ticket !== own)
    const others = await this.#listOthers()
    const listedAt = performance.now()
    const longestMs = Math.max(LONGEST_HOLD_MS, listedAt - startedAt)
    await this.#make(own, others)
    for (const ticket of waiting) {
      if (held.aborted || performance.now() - listedAt > longestMs) return
      if (!this.#waiting.has(ticket) || ticket.outcome !== undefined) continue
      const making = this.#make(ticket, others)
      ticket.served.abort()
      await making
    }
  }

  async #make(ticket: Ticket, others: SessionRecord[]): Promise<void> {
    // Bound to this call, whose hold it is.
    const mayGoOn = AsyncResource.bind(() => assertStillHolding(this.#lock))
    ticket.outcome = Promise.allSettled([ticket.make(others, mayGoOn)]).then(([outcome]) => outcome)
    const outcome = await ticket.outcome
    if (outcome.status === 'fulfilled') others.push(outcome.value)
  }
}

async function resultOf({ outcome }: Ticket): Promise<SessionRecord> {
  const settled = await outcome
  if (settled === undefined) throw new Error('a claim was left out')
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}
