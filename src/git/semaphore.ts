import { availableParallelism } from 'node:os'
import { stopReason, throwIfStopped } from '../errors/stop-reason.js'
import { onAbort } from './abort-listener.js'

/** Lets a limited number of holders in, in the order in which they came. */
export class Semaphore {
  readonly #waiting: Array<() => void> = []
  #free: number

  constructor(limit: number) {
    this.#free = limit
  }

  /** Waits for a place, runs the action and gives the place back. Rejects when aborted while it waits. */
  async run<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal)
    try {
      return await action()
    } finally {
      this.#leave()
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    throwIfStopped(signal)
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await this.#queue(signal)
  }

  #queue(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = () => {
        forget()
        resolve()
      }
      const forget = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1)
        if (signal) reject(stopReason(signal))
      })
      this.#waiting.push(admit)
    })
  }

  /** The place goes straight to the next in line, so that a newcomer cannot slip in before it. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free += 1
  }
}

const limit = Math.max(8, availableParallelism() * 4)

/**
 * The process-wide limits in front of every git process: available parallelism × 4, at least 8, for each of
 * two lanes, so that slow remotes never keep local work waiting.
 */
export const gitLanes = { local: new Semaphore(limit), network: new Semaphore(limit) } as const
