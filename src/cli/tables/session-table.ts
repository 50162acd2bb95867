import type { OwnerState, SessionStatus, StatusLook, UnsavedWork } from 'git-task-isolation'
import { formatAge, formatBytes } from '../amounts.js'
import type { Screen } from '../terminal/screen.js'
import { type Cell, type Column, formatTable, NOTHING } from '../terminal/table.js'
import { describeWork } from './unsaved-work.js'

type Columns = readonly Column<SessionStatus>[]

/** Sessions as people read them; an age is how long ago the workspace was made. */
export function sessionTable(
  sessions: readonly SessionStatus[],
  look: readonly StatusLook[],
  now: Date,
  screen: Screen,
): string {
  return formatTable(sessions, [...namesAndState(now), ...looks(look)], screen)
}

/** The rank tells what is left out first on a narrow terminal. */
function namesAndState(now: Date): Columns {
  return [
    { head: 'ENV', cell: ({ envId }) => envId, least: 4 },
    { head: 'TASK', cell: ({ taskId }) => taskId, least: 8 },
    { head: 'RUN', cell: ({ runId }) => runId ?? NOTHING, least: 4, leaveOut: 5 },
    { head: 'AGENT', cell: ({ agentName }) => agentName ?? NOTHING, least: 6, leaveOut: 6 },
    { head: 'STRATEGY', cell: ({ strategy }) => strategy, least: 5, leaveOut: 8 },
    { head: 'STATE', cell: stateCell, least: 8 },
    {
      head: 'BRANCH',
      cell: ({ branch }) => branch ?? NOTHING,
      least: 10,
      shortenedAt: 'middle',
      leaveOut: 7,
    },
    { head: 'AGE', cell: ({ createdAt }) => formatAge(createdAt, now), leaveOut: 3 },
    { head: 'OWNER', cell: ownerCell, leaveOut: 4 },
  ]
}

/** Who asks for them wants to see them. */
function looks(look: readonly StatusLook[]): Columns {
  const columns: Record<StatusLook, Column<SessionStatus>> = {
    'unsaved-work': {
      head: 'UNSAVED',
      cell: ({ unsavedWork }) => workCell(unsavedWork),
      least: 7,
      leaveOut: 1,
    },
    size: {
      head: 'SIZE',
      cell: ({ bytes }) => (bytes === undefined ? NOTHING : formatBytes(bytes)),
      align: 'right',
      leaveOut: 2,
    },
  }
  return look.map((name) => columns[name])
}

function stateCell({ state, outcome, checkout }: SessionStatus): Cell {
  const isLost = checkout === 'absent' && (state === 'ready' || state === 'finished')
  if (isLost) return { text: `${state} (no checkout)`, style: 'red' }
  if (outcome === undefined) return { text: state, style: state === 'ready' ? 'cyan' : undefined }
  const style = { succeeded: 'green', failed: 'red', cancelled: 'yellow' } as const
  return { text: `${state} (${outcome})`, style: style[outcome] }
}

const OWNERS: Readonly<Record<OwnerState, Cell>> = {
  self: 'alive',
  alive: 'alive',
  dead: { text: 'gone', style: 'yellow' },
  silent: { text: 'silent', style: 'yellow' },
}

/** A finished task needs nobody any more. */
function ownerCell({ state, ownerState }: SessionStatus): Cell {
  return state === 'finished' ? NOTHING : OWNERS[ownerState]
}

function workCell(work: UnsavedWork | undefined): Cell {
  if (work === undefined) return NOTHING
  const text = describeWork(work)
  return text === '' ? 'none' : { text, style: 'yellow' }
}
