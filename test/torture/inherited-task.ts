import { isWorkspaceError, type Workspace } from 'git-task-isolation'
import { taskLayout } from '../../src/model/layout.js'
import { git } from '../helpers/run-git.js'
import { incompleteness } from './complete-workspace.js'
import type { TaskPlan } from './kill-plan.js'
import { saveAll } from './ledger.js'
import type { Heir } from './place.js'
import { differences, partOf, snapshotRoot } from './root-snapshot.js'

/** A task of a killed orchestrator as the next one finds it. */
export interface Inherited {
  readonly task: TaskPlan
  readonly workDir: string
  /** Whether nobody has worked in it. */
  readonly isNew: boolean
  /** Undefined where work was found that a prepare must not lose, or where it failed. */
  readonly workspace?: Workspace
  readonly problems: readonly string[]
}

const IDENTITY = { name: 'Agent', email: 'agent@example.org' }

/** What an orchestrator does that knows of an archive: it asks for that first, and else prepares. */
export async function restoreOrPrepare(heir: Heir, task: TaskPlan): Promise<Inherited> {
  const { place, manager } = heir
  const key = { envId: 'shop', taskId: task.taskId }
  try {
    const workspace = await manager.restore(key, { identity: IDENTITY })
    const { workDir } = taskLayout(place.root, key)
    return { task, workDir, workspace, isNew: false, problems: [] }
  } catch (error) {
    // It was killed before there was an archive, or after its workspace was back.
    const mayBe = isWorkspaceError(error) && ['SESSION_TAKEN', 'WORKSPACE_MISSING'].includes(error.code)
    const inherited = await prepareAgain(heir, task)
    const problems = mayBe ? [] : [`${task.taskId}: the next restore failed: ${inWords(error)}`]
    return { ...inherited, problems: [...problems, ...inherited.problems] }
  }
}

export async function prepareAgain(heir: Heir, task: TaskPlan): Promise<Inherited> {
  const { place, ledger, manager } = heir
  const { taskId, strategy } = task
  const key = { envId: 'shop', taskId }
  const { workDir } = taskLayout(place.root, key)
  try {
    const workspace = await manager.prepare({ ...key, source: place.source, strategy, identity: IDENTITY })
    const isNew = !workspace.reused || !ledger.wasWorkedIn(taskId)
    const isGone = !workspace.reused && ledger.hasWork(taskId)
    if (!isGone) return { task, workDir, workspace, isNew, problems: [] }
    if (!ledger.mayBeArchived(taskId))
      return { task, workDir, workspace, isNew, problems: [`${taskId}: the next prepare lost work`] }
    await workspace.cleanup({ onUnsavedWork: 'refuse' })
    const restored = await manager.restore(key, { identity: IDENTITY })
    return { task, workDir, workspace: restored, isNew: false, problems: [] }
  } catch (error) {
    const mayRefuse = ledger.mayHaveWork(taskId) && isWorkspaceError(error) && error.code === 'UNSAVED_WORK'
    const problems = mayRefuse ? [] : [`${taskId}: the next prepare failed: ${inWords(error)}`]
    return { task, workDir, isNew: false, problems }
  }
}

/** Whether the workspace is whole, and as if it had just been made where nobody has worked in it. */
export async function check({ place, ledger }: Heir, inherited: Inherited): Promise<string[]> {
  const { task, workDir, workspace, isNew, problems } = inherited
  const { taskId, strategy } = task
  const lost = await ledger.lost(taskId, workDir)
  if (workspace === undefined) return [...problems, ...lost]
  const missing = await incompleteness(workDir, isNew ? 'strict' : 'lenient')
  const different = isNew
    ? differences(place.references.ready(taskId, strategy), partOf(await snapshotRoot(place.root), taskId))
    : []
  const torn = task.refresh === undefined ? [] : await halfRefreshed(workDir)
  return [
    ...problems,
    ...lost,
    ...missing,
    ...torn,
    ...different.map((line) => `${taskId} when ready: ${line}`),
  ]
}

/** There is nothing but what the agent has written, whichever commit the files are of. */
async function halfRefreshed(workDir: string): Promise<string[]> {
  const status = await git(workDir, 'status', '--porcelain')
  const lines = status.split('\n').filter((line) => !/^\?\? task-\S+\.txt$|^$/.test(line))
  return lines.slice(0, 3).map((line) => `${workDir}: its refresh was left half way: ${line}`)
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
