import {
  type CleanupOptions,
  type CleanupReport,
  hasErrorCode,
  isWorkspaceError,
  type SessionRecord,
  type Workspace,
  type WorkspaceKey,
  type WorkspaceManager,
} from 'git-task-isolation'
import { keyOf } from './find-workspace.js'
import { taskOf } from './shown-key.js'

/** What a cleanup of all would do about one session, and the session that this was said of. */
export interface Listed {
  readonly plan: CleanupReport
  readonly session: SessionRecord
  /** Undefined: there is none that can be worked in, as of what is half made. */
  readonly workspace: Workspace | undefined
}

/** Cleanups wait mostly for locks and for git. */
const AT_ONCE = 8

/** What is there is read before it is looked into: what is prepared from then on is not spoken of. */
export async function listCleanups(
  manager: WorkspaceManager,
  envId: string,
  options: CleanupOptions,
): Promise<Listed[]> {
  const sessions = await manager.list({ envId })
  const workspaces = await Promise.all(sessions.map((session) => manager.get(keyOfSession(session))))
  const plans = await manager.cleanupAll(envId, { ...options, dryRun: true })
  const planOf = new Map(plans.map((plan) => [taskOf(plan.key), plan]))
  return sessions.flatMap((session, index) => {
    const plan = planOf.get(taskOf(session))
    return plan === undefined ? [] : [{ plan, session, workspace: workspaces[index] }]
  })
}

/**
 * Cleans up what was listed to go and nothing else, each as long as it is the session that was listed. One that cannot be
 * removed is reported as kept, and why.
 */
export async function cleanUpListed(
  manager: WorkspaceManager,
  listed: readonly Listed[],
  options: CleanupOptions,
): Promise<CleanupReport[]> {
  const reports: CleanupReport[] = []
  for (let start = 0; start < listed.length; start += AT_ONCE) {
    const some = listed.slice(start, start + AT_ONCE)
    reports.push(...(await Promise.all(some.map((each) => cleanUpOne(manager, each, options)))))
  }
  return reports
}

async function cleanUpOne(
  manager: WorkspaceManager,
  listed: Listed,
  options: CleanupOptions,
): Promise<CleanupReport> {
  const { plan, workspace } = listed
  if (!mayGo(plan)) return plan
  try {
    if (workspace !== undefined) return await workspace.cleanup(options)
    if (await isAsListed(manager, listed)) return await manager.cleanup(plan.key, options)
    return { ...plan, action: 'kept', reason: 'it is no longer what was listed' }
  } catch (error) {
    if (hasErrorCode(error, 'ABORTED', 'MANAGER_CLOSED')) throw error
    const { message, code } = isWorkspaceError(error) ? error : unexpected(error)
    return { ...plan, action: 'kept', reason: `${message} (${code})`, error: code }
  }
}

/** What one fails with that nobody expected stops no other. */
function unexpected(error: unknown): { message: string; code: 'UNEXPECTED' } {
  return { message: error instanceof Error ? error.message : String(error), code: 'UNEXPECTED' }
}

/** Of a task in the caller's own folder all goes but that. */
function mayGo({ action, reason }: CleanupReport): boolean {
  return action === 'removed' || reason === 'caller-owned'
}

/** What has no handle is told by its record, which every verb changes. */
async function isAsListed(manager: WorkspaceManager, { session }: Listed): Promise<boolean> {
  const now = await manager.list({ envId: session.envId })
  const same = now.find((each) => taskOf(each) === taskOf(session))
  return (
    same?.createdAt === session.createdAt &&
    same.updatedAt === session.updatedAt &&
    same.owner.id === session.owner.id
  )
}

function keyOfSession({ envId, taskId, runId }: SessionRecord): WorkspaceKey {
  return keyOf(envId, taskId, { ...(runId !== undefined && { run: runId }) })
}
