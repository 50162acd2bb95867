import Table from 'cli-table3'
import type { CleanupReport } from 'git-task-isolation'
import { COMMITS_PER_AGENT } from './agents.js'
import { bold, dim, duration, green, red } from './paint.js'
import type { Worked } from './proof.js'
import type { Stopwatch } from './stopwatch.js'

export interface TaskStory extends Worked {
  readonly preparedMs: number
  readonly cleanup: CleanupReport
}

/** The last page: one row per task, one row per step, and the total. */
export function printReport(stories: readonly TaskStory[], watch: Stopwatch): void {
  console.log(`\n${bold('What happened')}`)
  console.log(taskTable(stories))
  console.log(`\n${bold('How long it took')}`)
  console.log(stepTable(watch))
}

function taskTable(stories: readonly TaskStory[]): string {
  const table = plainTable(['task', 'branch', 'ready in', 'commits', 'agent worked', 'workspace'], [2, 3, 4])
  for (const { workspace, preparedMs, agent, cleanup } of stories) {
    table.push([
      workspace.key.taskId,
      workspace.branch ?? '',
      duration(preparedMs),
      agent.exitCode === 0 ? String(COMMITS_PER_AGENT) : red('failed'),
      duration(agent.durationMs),
      cleanup.action === 'removed' ? green('removed') : red(cleanup.action),
    ])
  }
  return table.toString()
}

function stepTable(watch: Stopwatch): string {
  const table = plainTable(['step', 'time'], [1])
  for (const { name, durationMs } of watch.steps) table.push([name, duration(durationMs)])
  table.push([bold('total'), bold(duration(watch.totalMs))])
  return table.toString()
}

// No lines but the words; the table's own colours would ignore NO_COLOR, so its styles are off.
function plainTable(head: readonly string[], numbers: readonly number[]) {
  const lines = ['top', 'top-mid', 'top-left', 'top-right', 'mid', 'mid-mid', 'left-mid', 'right-mid']
  const borders = [...lines, 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'right']
  return new Table({
    head: head.map(dim),
    style: { head: [], border: [] },
    chars: { ...Object.fromEntries(borders.map((name) => [name, ''])), middle: ' ' },
    colAligns: head.map((_, column) => (numbers.includes(column) ? 'right' : 'left')),
  })
}
