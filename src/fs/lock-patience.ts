import { setTimeout as sleep } from 'node:timers/promises'
import { throwIfStopped } from '../errors/stop-reason.js'

const LONGEST_TIMER_MS = 2_147_483_647

/** How long one caller is willing to wait: a deadline and the caller's own signal behind one signal. */
export class Patience {
  readonly #over = new AbortController()
  readonly #callers: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout
  readonly #startedAt = performance.now()
  readonly #stop = () => this.#over.abort()

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    throwIfStopped(signal)
    this.#callers = signal
    this.#timer = setTimeout(this.#stop, Math.min(timeoutMs, LONGEST_TIMER_MS))
    signal?.addEventListener('abort', this.#stop, { once: true })
  }

  /** Aborted when the deadline has passed or the caller no longer wants to wait. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** Milliseconds since the wait began, by a clock that does not jump. */
  get waitedMs(): number {
    return Math.round(performance.now() - this.#startedAt)
  }

  /** Waits this long; rejects as soon as patience is over. */
  async pause(delayMs: number): Promise<void> {
    await sleep(delayMs, undefined, { signal: this.signal })
  }

  /** Says what ended the wait; a value that has nothing to do with it is `failed`. */
  verdict(error: unknown): 'stopped' | 'expired' | 'failed' {
    if (!(error instanceof Error) || error.name !== 'AbortError') return 'failed'
    if (this.#callers?.aborted) return 'stopped'
    return this.signal.aborted ? 'expired' : 'failed'
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#callers?.removeEventListener('abort', this.#stop)
  }
}
