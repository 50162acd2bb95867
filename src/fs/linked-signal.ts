/**
 * One signal that is aborted as soon as one of several is, with its reason.
 *
 * Unlike `AbortSignal.any` it can be unlinked, so that a long-lived signal does not collect listeners.
 */
export class LinkedSignal {
  readonly #controller = new AbortController()
  readonly #unlinks: (() => void)[] = []

  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    for (const source of sources) if (source) this.#link(source)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  unlink(): void {
    for (const unlink of this.#unlinks.splice(0)) unlink()
  }

  #link(source: AbortSignal): void {
    const abort = () => this.#controller.abort(source.reason)
    if (source.aborted) abort()
    source.addEventListener('abort', abort, { once: true })
    this.#unlinks.push(() => source.removeEventListener('abort', abort))
  }
}
