import { createInterface } from 'node:readline'
import { STOP_SIGNALS, StoppedBySignal } from '../stopped-by-signal.js'

/** Whether somebody is there to be asked: what is typed and what is shown are both a terminal's. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/**
 * Asks on the terminal, beside the output, which may go elsewhere. Nothing but a typed yes is one: an empty line and the
 * end of the input are a no.
 *
 * @throws StoppedBySignal at Ctrl-C, which arrives as a key, and at the signals that end the program anywhere else.
 */
export async function confirm(question: string): Promise<'yes' | 'no'> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true })
  let stoppedBy: (typeof STOP_SIGNALS)[number] | undefined
  const stop = (signal: (typeof STOP_SIGNALS)[number]): void => {
    stoppedBy = signal
    lines.close()
  }
  for (const signal of STOP_SIGNALS) process.once(signal, stop)
  lines.once('SIGINT', () => stop('SIGINT'))
  try {
    const answer = await new Promise<string | undefined>((resolve) => {
      lines.once('close', () => resolve(undefined))
      lines.question(`${question} [y/N] `, resolve)
    })
    if (answer === undefined) process.stderr.write('\n')
    if (stoppedBy !== undefined) throw new StoppedBySignal(stoppedBy, undefined)
    return /^\s*y(?:es)?\s*$/i.test(answer ?? '') ? 'yes' : 'no'
  } finally {
    lines.close()
    for (const signal of STOP_SIGNALS) process.off(signal, stop)
  }
}
