import { reportFailure } from '../../src/cli/failure.js'
import { buildProgram } from '../../src/cli/program.js'
import type { ProgramResult } from '../helpers/run-program.js'

/**
 * Runs the program as text in this very process, for tables of what it says: what belongs to a process of its own
 * (JSON for errors of the arguments, signals, pipes, terminals) is for tests that start the built one.
 */
export async function programInProcess(...args: readonly string[]): Promise<ProgramResult> {
  const output = { stdout: '', stderr: '' }
  const giveBack = capture(output)
  const { exitCode } = process
  process.exitCode = 0
  try {
    const code = await buildProgram('text')
      .parseAsync(args, { from: 'user' })
      .then(
        () => Number(process.exitCode),
        (error: unknown) => reportFailure(error, 'text'),
      )
    return { code, ...output }
  } finally {
    process.exitCode = exitCode
    giveBack()
  }
}

function capture(output: { stdout: string; stderr: string }): () => void {
  const { log, error } = console
  const [writeOut, writeError] = [process.stdout.write, process.stderr.write]
  const out = (text: unknown): boolean => {
    output.stdout += text
    return true
  }
  const err = (text: unknown): boolean => {
    output.stderr += text
    return true
  }
  process.stdout.write = out
  process.stderr.write = err
  console.log = (text: unknown) => void out(`${text}\n`)
  console.error = (text: unknown) => void err(`${text}\n`)
  return () => {
    Object.assign(console, { log, error })
    process.stdout.write = writeOut
    process.stderr.write = writeError
  }
}
