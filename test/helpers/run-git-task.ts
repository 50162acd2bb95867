import { run } from '../../src/cli/run.js'
import type { ProgramResult } from './run-program.js'

/** What the standard output says of itself: nothing in a pipe. */
interface Terminal {
  readonly isTTY?: true
  readonly columns?: number
}

/**
 * Runs `git-task` in this very process, as in a pipe, and answers what it printed: a fortieth of what starting it takes.
 * What belongs to a process of its own (signals, real terminals) is for tests that start the built one.
 */
export function gitTask(...args: readonly string[]): Promise<ProgramResult> {
  return gitTaskOn({}, ...args)
}

/** The same with a standard output like a terminal's. */
export async function gitTaskOn(terminal: Terminal, ...args: readonly string[]): Promise<ProgramResult> {
  const output = { stdout: '', stderr: '' }
  const giveBack = capture(output, terminal)
  const { exitCode } = process
  process.exitCode = undefined
  try {
    return { code: await run(['node', 'git-task', ...args]), ...output }
  } finally {
    process.exitCode = exitCode
    giveBack()
  }
}

function capture(output: { stdout: string; stderr: string }, terminal: Terminal): () => void {
  const { log, error } = console
  const { isTTY, columns, write: writeOut } = process.stdout
  const writeError = process.stderr.write
  const writer =
    (stream: 'stdout' | 'stderr'): typeof writeOut =>
    (text: unknown, ...[encoding, then]: readonly unknown[]) => {
      output[stream] += text
      const done = typeof encoding === 'function' ? encoding : then
      if (typeof done === 'function') done()
      return true
    }
  const [out, err] = [writer('stdout'), writer('stderr')]
  Object.assign(process.stdout, { write: out, isTTY: terminal.isTTY, columns: terminal.columns })
  process.stderr.write = err
  console.log = (text: unknown) => void out(`${text}\n`)
  console.error = (text: unknown) => void err(`${text}\n`)
  return () => {
    Object.assign(console, { log, error })
    Object.assign(process.stdout, { write: writeOut, isTTY, columns })
    process.stderr.write = writeError
  }
}
