import { IntegrityError, type Workspace, type WorkspaceKey, type WorkspaceManager } from 'git-task-isolation'

/** How a workspace is named: `<env> <task> [--run <id>]`. */
export function keyOf(envId: string, taskId: string, { run }: { readonly run?: string }): WorkspaceKey {
  return run === undefined ? { envId, taskId } : { envId, taskId, runId: run }
}

/** @throws IntegrityError WORKSPACE_MISSING where there is none that can be worked in. */
export async function findWorkspace(manager: WorkspaceManager, key: WorkspaceKey): Promise<Workspace> {
  const workspace = await manager.get(key)
  if (workspace === undefined) throw missing(key)
  return workspace
}

export function missing({ envId, taskId, runId }: WorkspaceKey): IntegrityError {
  const run = runId === undefined ? '' : ` run ${runId}`
  return new IntegrityError('WORKSPACE_MISSING', `there is no workspace of ${envId} ${taskId}${run}`, {
    data: { envId, taskId, ...(runId !== undefined && { runId }) },
    hint: `Prepare it first; git task list ${envId} shows what there is.`,
  })
}
