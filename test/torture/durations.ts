import type { OrchestratorEvent } from './orchestrator-child.js'

const GUESS_MS = 80
const WEIGHT = 0.2

/** How long verbs take on this machine under this load: a running mean, so that kills fall inside them. */
export class Durations {
  readonly #means = new Map<string, number>()

  hear(event: OrchestratorEvent): void {
    if (event.event !== 'end') return
    const mean = this.of(event.verb)
    this.#means.set(event.verb, mean + WEIGHT * (event.ms - mean))
  }

  /** In milliseconds. */
  of(verb: string): number {
    return this.#means.get(verb) ?? GUESS_MS
  }
}
