import Table from 'cli-table3'
import type { SessionRecord, SweepDecision, WorkspaceError } from 'git-task-isolation'
import prettyMilliseconds from 'pretty-ms'

export type OutputFormat = 'text' | 'json'

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}

/** Errors go to stderr: the fact, then what to do about it. */
export function printError(error: WorkspaceError, format: OutputFormat): void {
  if (format === 'json') console.error(JSON.stringify({ error }, null, 2))
  else console.error(`git-task: ${error.message} (${error.code})\n  ${error.hint}`)
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

/** Sessions as people read them; ages are those of the last change. */
export function sessionTable(records: readonly SessionRecord[], now: Date): string {
  const table = plainTable(['ENV', 'TASK', 'RUN', 'AGENT', 'STRATEGY', 'STATE', 'BRANCH', 'AGE'])
  for (const record of records) table.push(row(record, now))
  return table.toString()
}

/** What a sweep decided, one line each. */
export function decisionTable(decisions: readonly SweepDecision[]): string {
  const table = plainTable(['ACTION', 'KIND', 'WHAT', 'WHY'])
  for (const { action, kind, key, path = '-', reason, error } of decisions) {
    const what = key === undefined ? path : [key.envId, key.taskId, key.runId].filter(Boolean).join(' ')
    table.push([error === undefined ? action : 'failed', kind, what, error ?? reason])
  }
  return table.toString()
}

function row(record: SessionRecord, now: Date): string[] {
  const {
    envId,
    taskId,
    runId = '-',
    agentName = '-',
    strategy,
    state,
    outcome,
    branch = '-',
    updatedAt,
  } = record
  const age = Math.max(0, now.getTime() - Date.parse(updatedAt))
  const shownState = outcome === undefined ? state : `${state} (${outcome})`
  return [
    envId,
    taskId,
    runId,
    agentName,
    strategy,
    shownState,
    branch,
    prettyMilliseconds(age, { compact: true }),
  ]
}

function plainTable(head: string[]): Table.Table {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 }
  return new Table({ head, chars: plainLines(), style })
}

/** No lines at all: the columns are told by their spacing, which also survives a pipe. */
function plainLines(): Record<string, string> {
  const names = ['top', 'bottom', 'mid', 'left', 'right', 'middle'].flatMap((name) => [name, `${name}-mid`])
  const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right', 'left-mid', 'mid-mid', 'right-mid']
  return Object.fromEntries([...names, ...corners].map((name) => [name, '']))
}
