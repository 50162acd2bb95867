import type { WorkspaceKey } from 'git-task-isolation'

/** A workspace, or an environment, as the program's arguments name it: `shop task-42 --run 2`. */
export function nameOf(key: WorkspaceKey | { readonly envId: string }): string {
  if (!('taskId' in key)) return key.envId
  return [key.envId, taskOf(key)].join(' ')
}

/** Without its environment. */
export function taskOf({ taskId, runId }: WorkspaceKey): string {
  return runId === undefined ? taskId : `${taskId} --run ${runId}`
}
