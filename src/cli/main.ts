import { reportFailure } from './failure.js'
import { buildProgram } from './program.js'
import type { OutputFormat } from './render.js'
import { handleOutputErrors } from './write-line.js'

handleOutputErrors()
process.exitCode = await main(process.argv)

/** Exit codes: 0 done, 1 failed, 2 wrong use, 128 and its number for a signal. */
async function main(argv: readonly string[]): Promise<number> {
  const format = formatOf(argv)
  try {
    await buildProgram(format).parseAsync(argv)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return reportFailure(error, format)
  }
}

/** Looked up before anything is parsed, which may be what fails. */
function formatOf(argv: readonly string[]): OutputFormat {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json') ? 'json' : 'text'
}
