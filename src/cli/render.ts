import Table from 'cli-table3'
import type {
  ArchiveRecord,
  CleanupReport,
  SessionRecord,
  SweepDecision,
  WorkspaceError,
} from 'git-task-isolation'
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

/** What cleanups did, one line each. */
export function cleanupTable(reports: readonly CleanupReport[]): string {
  const table = plainTable(['ACTION', 'TASK', 'RUN', 'FREED', 'ARCHIVE', 'WHY'])
  for (const { action, key, freedBytes, archive, reason, error } of reports) {
    const freed = freedBytes === undefined ? '-' : formatBytes(freedBytes)
    const done = error === undefined ? action : 'failed'
    table.push([done, key.taskId, key.runId ?? '-', freed, archive?.archiveId ?? '-', reason])
  }
  return table.toString()
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** In decimal units, with three digits that count: `1.23 GB`. */
export function formatBytes(bytes: number): string {
  const last = UNITS.length - 1
  const thousands = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), last)
  return `${Number((bytes / 1000 ** thousands).toPrecision(3))} ${UNITS[thousands] ?? ''}`
}

/** Archives as people read them, the newest first. */
export function archiveTable(archives: readonly ArchiveRecord[], now: Date): string {
  const table = plainTable(['ENV', 'ARCHIVE', 'BRANCH', 'COMMITS', 'CHANGES', 'STASHES', 'AGE'])
  for (const { envId, archiveId, branch = '-', contains, createdAt } of archives) {
    const { commits, staged, unstaged, untracked, stashes } = contains
    const age = Math.max(0, now.getTime() - Date.parse(createdAt))
    const changes = staged + unstaged + untracked
    const shownAge = prettyMilliseconds(age, { compact: true })
    table.push([envId, archiveId, branch, commits, changes, stashes, shownAge])
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

/** A table without lines. */
export function plainTable(head: string[]): Table.Table {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 }
  return new Table({ head, chars: plainLines(), style })
}

/** No lines at all: the columns are told by their spacing, which also survives a pipe. */
function plainLines(): Record<string, string> {
  const names = ['top', 'bottom', 'mid', 'left', 'right', 'middle'].flatMap((name) => [name, `${name}-mid`])
  const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right', 'left-mid', 'mid-mid', 'right-mid']
  return Object.fromEntries([...names, ...corners].map((name) => [name, '']))
}
