import type { WorkspaceError } from 'git-task-isolation'
import { hintOf } from './hint-words.js'
import { painted, screenOf } from './terminal/screen.js'
import { visible, visibleJson } from './terminal/visible-text.js'
import { warningsBefore } from './warnings.js'

export type OutputFormat = 'text' | 'json'

/** For programs; what a terminal would obey is escaped, which means the same. */
export function printJson(value: unknown): void {
  console.log(visibleJson(JSON.stringify(value, null, 2)))
}

/** Errors go to stderr: the fact, then what to do about it. */
export function printError(error: WorkspaceError, format: OutputFormat): void {
  console.error(format === 'json' ? visibleJson(JSON.stringify(inJson(error), null, 2)) : inWords(error))
}

/** 2: the caller has to write something else. 1: it did not work. */
export function exitCodeOf(error: WorkspaceError): 1 | 2 {
  const wrongUse = [
    'OPTIONS_INVALID',
    'ID_INVALID',
    'REF_INVALID',
    'SOURCE_INVALID',
    'STRATEGY_UNKNOWN',
    'PATH_OUTSIDE_ROOT',
  ]
  return wrongUse.includes(error.code) ? 2 : 1
}

function inJson(error: WorkspaceError): object {
  const warnings = warningsBefore(error)
  return { error: { ...error.toJSON(), hint: hintOf(error) }, ...(warnings.length > 0 && { warnings }) }
}

function inWords(error: WorkspaceError): string {
  const { message, code } = error
  const name = painted('git-task:', 'red', screenOf(process.stderr))
  return `${name} ${visible(message)} (${code})\n  ${visible(hintOf(error))}`
}
