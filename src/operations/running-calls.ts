import { setMaxListeners } from 'node:events'
import { throwIfStopped } from '../errors/stop-reason.js'
import type { WorkspaceError } from '../errors/workspace-error.js'

/** The calls of one manager that have not settled, and the end to all of them. */
export class RunningCalls {
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor() {
    // Every running call listens to it, and there may be hundreds.
    setMaxListeners(0, this.#closing.signal)
  }

  /** Runs a call under the caller's signal and the manager's own end. */
  async run<T>(signal: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    throwIfStopped(this.#closing.signal)
    throwIfStopped(signal)
    const combined = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    const running = call(combined)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Resolves when every call has settled; how they ended is their callers' to know. */
  async close(reason: WorkspaceError): Promise<void> {
    this.#closing.abort(reason)
    await Promise.allSettled(this.#running)
  }
}
