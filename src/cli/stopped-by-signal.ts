import { constants } from 'node:os'
import { StoppedError } from 'git-task-isolation'

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type StopSignal = (typeof STOP_SIGNALS)[number]

/** In milliseconds; nobody types twice so fast. */
const ECHO_MS = 500

/** Tells a second signal from the first one's echo: git passes on what a terminal has sent to its whole group already. */
export class HeardSignals {
  #first: { readonly signal: StopSignal; readonly at: number } | undefined

  get first(): StopSignal | undefined {
    return this.#first?.signal
  }

  hear(signal: StopSignal, at: number = performance.now()): 'first' | 'echo' | 'second' {
    if (this.#first === undefined) {
      this.#first = { signal, at }
      return 'first'
    }
    return signal === this.#first.signal && at - this.#first.at < ECHO_MS ? 'echo' : 'second'
  }
}

/** A signal ended the command; what was under way is taken back, and nothing of it runs any more. */
export class StoppedBySignal extends StoppedError {
  readonly exitCode: number

  constructor(signal: StopSignal, cause: unknown) {
    super('ABORTED', `stopped by ${signal}`, {
      data: { signal },
      hint: 'What was under way was taken back, and what was done before stays; the same command can be given again.',
      cause,
    })
    this.exitCode = signalExitCode(signal)
  }
}

/** What shells report of a program that a signal ended: 130 for Ctrl-C. */
export function signalExitCode(signal: StopSignal): number {
  return 128 + constants.signals[signal]
}
