import { isWorkspaceError, type Workspace } from 'git-task-isolation'
import { taskLayout } from '../../src/model/layout.js'
import { incompleteness } from './complete-workspace.js'
import type { TaskPlan } from './kill-plan.js'
import { saveAll } from './ledger.js'
import type { Heir } from './place.js'
import { differences, partOf, snapshotRoot } from './root-snapshot.js'

/** A task of a killed orchestrator as the next one finds it. */
export interface Inherited {
  readonly task: TaskPlan
  readonly workDir: string
  /** Undefined where work was found that a prepare must not lose, or where it failed. */
  readonly workspace?: Workspace
  readonly problems: readonly string[]
}

export async function prepareAgain({ place, ledger, manager }: Heir, task: TaskPlan): Promise<Inherited> {
  const { taskId, strategy } = task
  const key = { envId: 'shop', taskId }
  const { workDir } = taskLayout(place.root, key)
  const identity = { name: 'Agent', email: 'agent@example.org' }
  try {
    const workspace = await manager.prepare({ ...key, source: place.source, strategy, identity })
    const isLost = !workspace.reused && ledger.hasWork(taskId)
    return { task, workDir, workspace, problems: isLost ? [`${taskId}: the next prepare lost work`] : [] }
  } catch (error) {
    const mayRefuse = ledger.mayHaveWork(taskId) && isWorkspaceError(error) && error.code === 'UNSAVED_WORK'
    const problems = mayRefuse ? [] : [`${taskId}: the next prepare failed: ${inWords(error)}`]
    return { task, workDir, problems }
  }
}

/** Whether the workspace is whole, and as if it had just been made where nobody has worked in it. */
export async function check({ place, ledger }: Heir, inherited: Inherited): Promise<string[]> {
  const { task, workDir, workspace, problems } = inherited
  const { taskId, strategy } = task
  const lost = await ledger.lost(taskId, workDir)
  if (workspace === undefined) return [...problems, ...lost]
  const isNew = !workspace.reused || !ledger.wasWorkedIn(taskId)
  const missing = await incompleteness(workDir, isNew ? 'strict' : 'lenient')
  const different = isNew
    ? differences(place.references.ready(taskId, strategy), partOf(await snapshotRoot(place.root), taskId))
    : []
  return [...problems, ...lost, ...missing, ...different.map((line) => `${taskId} when ready: ${line}`)]
}

/** Ends the task's life as its orchestrator would have: nothing is removed that has not been saved or given up. */
export async function cleanUp(heir: Heir, { task, workDir }: Inherited): Promise<string[]> {
  const { taskId } = task
  const { ledger } = heir
  if (ledger.isUncertain(taskId)) return remove(heir, taskId, 'discard')
  if (!ledger.hasWork(taskId)) return remove(heir, taskId, 'refuse')
  const refused = await refuses(heir, taskId)
  const lost = await ledger.lost(taskId, workDir)
  if (refused.length + lost.length > 0) return [...refused, ...lost]
  // A worktree of the caller's own repository has no remote to push to.
  if (heir.place.sourceKind === 'path' && task.strategy === 'worktree') return remove(heir, taskId, 'discard')
  await saveAll(workDir, taskId)
  return remove(heir, taskId, 'refuse')
}

async function remove({ manager }: Heir, taskId: string, onUnsavedWork: 'refuse' | 'discard') {
  try {
    const { action, reason } = await manager.cleanup({ envId: 'shop', taskId }, { onUnsavedWork })
    return action === 'removed' ? [] : [`${taskId}: the next cleanup answered ${action}: ${reason}`]
  } catch (error) {
    return [`${taskId}: the next cleanup failed: ${inWords(error)}`]
  }
}

async function refuses({ manager }: Heir, taskId: string): Promise<string[]> {
  try {
    const { action } = await manager.cleanup({ envId: 'shop', taskId }, { onUnsavedWork: 'refuse' })
    return [`${taskId}: a cleanup that was to refuse answered ${action}`]
  } catch (error) {
    if (isWorkspaceError(error) && error.code === 'UNSAVED_WORK') return []
    return [`${taskId}: a cleanup that was to refuse failed: ${inWords(error)}`]
  }
}

function inWords(error: unknown): string {
  if (!isWorkspaceError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `${error.code} ${error.message} ${JSON.stringify(error.data)}`
}
