import { reportFailure } from './failure.js'
import { buildProgram } from './program.js'
import type { OutputFormat } from './render.js'

/** Runs the program. Exit codes: 0 done, 1 failed, 2 wrong use, 128 and its number for a signal. */
export async function run(argv: readonly string[]): Promise<number> {
  const format = formatOf(argv)
  try {
    await buildProgram(format).parseAsync(argv)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return reportFailure(error, format)
  }
}

/** Looked up before anything is parsed, which may be what fails. */
export function formatOf(argv: readonly string[]): OutputFormat {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json') ? 'json' : 'text'
}
