import type { CleanupReport } from 'git-task-isolation'
import { formatBytes } from '../amounts.js'
import type { Screen } from '../terminal/screen.js'
import { type Cell, formatTable, NOTHING } from '../terminal/table.js'
import { describeWork } from './unsaved-work.js'

/** What cleanups did, one line each. */
export function cleanupTable(reports: readonly CleanupReport[], screen: Screen): string {
  return formatTable(
    reports,
    [
      { head: 'ACTION', cell: ({ action, error }) => (error === undefined ? action : FAILED) },
      { head: 'TASK', cell: ({ key }) => key.taskId, least: 8 },
      { head: 'RUN', cell: ({ key }) => key.runId ?? NOTHING, least: 4, leaveOut: 2 },
      { head: 'FREED', cell: freedCell, align: 'right', leaveOut: 3 },
      { head: 'ARCHIVE', cell: ({ archive }) => archive?.archiveId ?? NOTHING, least: 10, leaveOut: 1 },
      { head: 'WHY', cell: ({ reason }) => reason, least: 10 },
    ],
    screen,
  )
}

/** What cleanups would do. */
export function cleanupPlanTable(reports: readonly CleanupReport[], screen: Screen): string {
  return formatTable(
    reports,
    [
      { head: 'ACTION', cell: planCell },
      { head: 'TASK', cell: ({ key }) => key.taskId, least: 8 },
      { head: 'RUN', cell: ({ key }) => key.runId ?? NOTHING, least: 4, leaveOut: 2 },
      { head: 'UNSAVED', cell: workCell, least: 7, leaveOut: 1 },
      { head: 'WHY', cell: ({ reason }) => reason, least: 10 },
    ],
    screen,
  )
}

const FAILED = { text: 'failed', style: 'red' } as const

const PLANNED = { removed: { text: 'remove', style: 'yellow' }, kept: 'keep', absent: 'absent' } as const

function planCell({ action, error }: CleanupReport): Cell {
  return error === undefined ? PLANNED[action] : { text: 'refuse', style: 'red' }
}

function freedCell({ freedBytes }: CleanupReport): string {
  return freedBytes === undefined ? NOTHING : formatBytes(freedBytes)
}

function workCell({ unsavedWork }: CleanupReport): string {
  return unsavedWork === undefined ? NOTHING : describeWork(unsavedWork)
}
