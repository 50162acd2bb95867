import type { SweepDecision } from 'git-task-isolation'
import { nameOf } from '../shown-key.js'
import type { Screen } from '../terminal/screen.js'
import { type Cell, formatTable, NOTHING } from '../terminal/table.js'

/** What a sweep decided, one line each. */
export function decisionTable(decisions: readonly SweepDecision[], screen: Screen): string {
  return formatTable(
    decisions,
    [
      { head: 'ACTION', cell: actionCell },
      { head: 'KIND', cell: ({ kind }) => kind, least: 6, leaveOut: 1 },
      { head: 'WHAT', cell: whatCell, least: 10, shortenedAt: 'middle' },
      { head: 'WHY', cell: ({ reason, error }) => error ?? reason, least: 10 },
    ],
    screen,
  )
}

function actionCell({ action, attention, error }: SweepDecision): Cell {
  if (error !== undefined) return { text: 'failed', style: 'red' }
  return { text: action, style: attention === 'needed' || action === 'remove' ? 'yellow' : undefined }
}

function whatCell({ key, path }: SweepDecision): string {
  return key === undefined ? (path ?? NOTHING) : nameOf(key)
}
