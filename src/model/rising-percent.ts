export type PercentListener = (percent: number) => void

/**
 * One phase of work that may be done in several parts, some of them again. What is passed on only rises, from
 * 0 to 100; nothing is said twice.
 */
export class RisingPercent {
  readonly #listener: PercentListener
  #last = -1

  constructor(listener: PercentListener) {
    this.#listener = listener
  }

  /** A listener for a part of the phase whose own 0 to 100 is `from` to `to` of the whole. */
  part(from: number, to: number): PercentListener {
    return (percent) => this.#tell(from + Math.floor(((to - from) * percent) / 100))
  }

  /** The phase is over. */
  end(): void {
    this.#tell(100)
  }

  #tell(percent: number): void {
    if (percent <= this.#last || percent > 100) return
    this.#last = percent
    this.#listener(percent)
  }
}
