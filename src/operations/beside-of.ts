import type { SessionRecord } from '../model/session-record.js'
import type { AddedWorktree } from '../preservation/added-worktrees.js'
import type { BesidePlace } from '../preservation/beside.js'

/** What in a task's folder may be the agent's. Where no record tells what the caller had written, all of it may. */
export function besideOf(
  { rootDir, workDir, taskFiles }: SessionRecord,
  added: readonly AddedWorktree[],
): BesidePlace {
  const worktrees = added.flatMap(({ folder }) => folder ?? [])
  return { rootDir, workDir, known: taskFiles ?? [], worktrees }
}
