import { CommanderError } from 'commander'
import { isWorkspaceError } from 'git-task-isolation'
import { exitCodeOf, type OutputFormat, printError } from './render.js'
import { StoppedBySignal } from './stopped-by-signal.js'
import { visibleLines } from './terminal/visible-lines.js'
import { visibleJson } from './terminal/visible-text.js'

/** Says on stderr why a command did not do what was asked, and answers the exit code that goes with it. */
export function reportFailure(error: unknown, format: OutputFormat): number {
  if (error instanceof CommanderError) return reportWrongUse(error, format)
  if (!isWorkspaceError(error)) return reportDefect(error, format)
  printError(error, format)
  return error instanceof StoppedBySignal ? error.exitCode : exitCodeOf(error)
}

/** As text it has been said already: by the parser of the arguments, which knows the command. */
function reportWrongUse(error: CommanderError, format: OutputFormat): number {
  // Help and version that were asked for.
  if (error.exitCode === 0) return 0
  if (format === 'json') {
    const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
    const isHelp = error.code === 'commander.help'
    print({
      name: 'UsageError',
      code: 'USAGE',
      message: isHelp ? 'no command was given' : message,
      hint: /\((Did you mean .*)\)/s.exec(rest.join(' '))?.[1] ?? 'git-task --help tells how it is used.',
    })
  }
  return 2
}

/** Whatever nobody expected: the stack is what its report needs. */
function reportDefect(error: unknown, format: OutputFormat): number {
  const message = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? error.stack : undefined
  const hint = 'This was not expected: please report it, with what follows.'
  if (format === 'json')
    print({ name: 'Error', code: 'UNEXPECTED', message, data: { stack: stack ?? '' }, hint })
  else console.error(visibleLines(`git-task: ${message} (UNEXPECTED)\n  ${hint}\n${stack ?? ''}`))
  return 1
}

/** The output is not taken: by a full disk, say. What was asked for may have been done all the same. */
export function reportLostOutput(error: Error, format: OutputFormat): void {
  const message = `the output cannot be written: ${error.message}`
  const hint = 'Send it elsewhere; what was asked for may have been done all the same.'
  if (format === 'json') print({ name: 'Error', code: 'OUTPUT_FAILED', message, hint })
  else console.error(visibleLines(`git-task: ${message} (OUTPUT_FAILED)\n  ${hint}`))
}

interface Failure {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly data?: Readonly<Record<string, string>>
  readonly hint: string
}

/** The shape that the errors of the library have. */
function print({ name, code, message, data = {}, hint }: Failure): void {
  const error = { name, code, message, data, hint, retryable: false }
  console.error(visibleJson(JSON.stringify({ error }, null, 2)))
}
