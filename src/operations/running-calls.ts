import { AsyncLocalStorage } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'
import { throwIfStopped } from '../errors/stop-reason.js'
import type { WorkspaceError } from '../errors/workspace-error.js'

interface Call {
  settled: Promise<unknown>
}

/** Runs code of the caller's that a call waits for. */
type Within = <T>(action: () => Promise<T>) => Promise<T>

/** The calls of one manager that have not settled, and the end to all of them. */
export class RunningCalls {
  readonly #closing = new AbortController()
  readonly #running = new Set<Call>()
  readonly #waitedFor = new AsyncLocalStorage<readonly Call[]>()

  constructor() {
    // Every running call listens to it, and there may be hundreds.
    setMaxListeners(0, this.#closing.signal)
  }

  /** Runs a call under the caller's signal and the manager's own end. */
  async run<T>(
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal, within: Within) => Promise<T>,
  ): Promise<T> {
    throwIfStopped(this.#closing.signal)
    throwIfStopped(signal)
    const combined = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    const own: Call = { settled: Promise.resolve() }
    const outer = this.#waitedFor.getStore() ?? []
    const running = call(combined, (action) => this.#waitedFor.run([...outer, own], action))
    own.settled = running
    this.#running.add(own)
    try {
      return await running
    } finally {
      this.#running.delete(own)
    }
  }

  /** Hands on what a stream gives, each step a call of its own; a stream that is left is ended. */
  async *stream<T>(
    signal: AbortSignal | undefined,
    begin: (signal: AbortSignal) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    const items = begin(signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal)
    try {
      for (;;) {
        const step = await this.run(signal, () => items.next())
        if (step.done) return
        yield step.value
      }
    } finally {
      await items.return()
    }
  }

  /**
   * Resolves when every call has settled; how they ended is their callers' to know. A call that waits for whoever
   * asks for this (`within`) is not waited for: neither would ever end.
   */
  async close(reason: WorkspaceError): Promise<void> {
    this.#closing.abort(reason)
    const waiting = this.#waitedFor.getStore() ?? []
    const others = [...this.#running].filter((call) => !waiting.includes(call))
    await Promise.allSettled(others.map(({ settled }) => settled))
  }
}
