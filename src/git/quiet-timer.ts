/**
 * Calls back after a time without a sign of life.
 *
 * A blocked event loop runs late timers before it reads what has arrived meanwhile; so the callback waits
 * for one more turn of the loop and asks again.
 */
export class QuietTimer {
  readonly #onQuiet: () => void
  readonly #timer: NodeJS.Timeout
  #signs = 0
  #stopped = false

  constructor(ms: number, onQuiet: () => void) {
    this.#onQuiet = onQuiet
    this.#timer = this.#start(ms)
  }

  /** A sign of life: the time starts again. */
  touch(): void {
    this.#signs += 1
    if (!this.#stopped) this.#timer.refresh()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #start(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const seen = this.#signs
      setImmediate(() => this.#decide(seen))
    }, ms)
  }

  #decide(seen: number): void {
    // A sign that came in between has started the timer again.
    if (!this.#stopped && this.#signs === seen) this.#onQuiet()
  }
}
