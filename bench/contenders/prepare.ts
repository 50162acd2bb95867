import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type PrepareRequest, WorkspaceManager } from 'git-task-isolation'
import type { Place } from '../jobs.js'
import { linkTree, removeTrees } from '../plain-programs.js'
import { present } from '../present.js'
import { discard } from '../trash.js'
import type { OpenContender } from './contender.js'

const ENVIRONMENT = 'bench'

/** The mirror is fetched once, when it is made: `git worktree add` fetches nothing either. */
export const WARM = { mode: 'prefer', maxAgeMs: 86_400_000 } as const

/** Our own way, through the public API of the built package. */
export async function openManager(
  place: Place,
  how: Pick<PrepareRequest, 'strategy' | 'freshness'>,
): Promise<OpenContender> {
  const { directory, url, trash } = place
  const pristine = `${directory}-pristine`
  let manager = new WorkspaceManager({ root: directory })
  const environment = manager.checkoutPath(ENVIRONMENT)
  const prepare = async (taskId: string): Promise<void> => {
    await manager.prepare({ envId: ENVIRONMENT, taskId, source: url, ...how })
  }
  await prepare('first')
  await manager.cleanup({ envId: ENVIRONMENT, taskId: 'first' }, { onUnsavedWork: 'discard' })
  await manager.close()
  // Files are deleted in the background, which must not go on beside the copying, or beside a round.
  await removeTrees(join(environment, '.git-task/trash'))
  await linkTree(environment, pristine)
  manager = new WorkspaceManager({ root: directory })
  return {
    prepare,
    workDir: (task) => join(manager.checkoutPath(ENVIRONMENT, task), 'workdir'),
    traces: (task) => tracesOf(manager, task),
    // A cleanup would delete the tasks' files. What there was before them takes their place instead, under a
    // manager that has not seen them; its first prepare is like that of any orchestrator that just started.
    async reset() {
      await manager.close()
      await discard(trash, environment)
      await linkTree(pristine, environment)
      manager = new WorkspaceManager({ root: directory })
      await prepare('warm-up')
    },
    folders: [directory],
    close: () => manager.close(),
  }
}

async function tracesOf(manager: WorkspaceManager, task: string): Promise<string[]> {
  const mirror = join(manager.checkoutPath(ENVIRONMENT), '.git-task', 'mirror.git')
  const records = await manager.list({ envId: ENVIRONMENT })
  const registrations = await namesIn(join(mirror, 'worktrees'))
  const found = {
    folder: await present(manager.checkoutPath(ENVIRONMENT, task)),
    branch: await present(join(mirror, 'refs/heads/agent/default', task)),
    registration: registrations.some((name) => name.startsWith(`${task}-`)),
    record: records.some(({ taskId }) => taskId === task),
  }
  return Object.entries(found).flatMap(([kind, isThere]) => (isThere ? [kind] : []))
}

async function namesIn(directory: string): Promise<string[]> {
  return (await present(directory)) ? readdir(directory) : []
}
