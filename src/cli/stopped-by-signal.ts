import { constants } from 'node:os'
import { StoppedError } from 'git-task-isolation'

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type StopSignal = (typeof STOP_SIGNALS)[number]

/** A signal ended the command; what it had begun is taken back, and nothing of it runs any more. */
export class StoppedBySignal extends StoppedError {
  readonly exitCode: number

  constructor(signal: StopSignal, cause: unknown) {
    super('ABORTED', `stopped by ${signal}`, {
      data: { signal },
      hint: 'What had been begun was taken back; the same command can be given again.',
      cause,
    })
    this.exitCode = signalExitCode(signal)
  }
}

/** What shells report of a program that a signal ended: 130 for Ctrl-C. */
export function signalExitCode(signal: StopSignal): number {
  return 128 + constants.signals[signal]
}
