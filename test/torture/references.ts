import { type PrepareRequest, WorkspaceManager } from 'git-task-isolation'
import { environmentLayout } from '../../src/model/layout.js'
import { STRATEGIES, TASKS } from './kill-plan.js'
import { partOf, type RootSnapshot, snapshotRoot } from './root-snapshot.js'

/** How a root looks where nobody is ever killed: what every recovery is measured by. */
export interface References {
  readonly mirror: string
  /** After every task was cleaned up. */
  readonly empty: RootSnapshot
  /** The folder of a task that was just prepared. */
  ready(taskId: string, strategy: string): RootSnapshot
}

/** Lets every task live in peace once, in the very root that is fought over later, so that all paths are the same. */
export async function makeReferences(root: string, source: string): Promise<References> {
  const ready = new Map<string, RootSnapshot>()
  for (const taskId of TASKS) {
    for (const strategy of STRATEGIES) {
      const whenReady = async () => {
        ready.set(`${taskId} ${strategy}`, partOf(await snapshotRoot(root), taskId))
      }
      await live(root, { envId: 'shop', taskId, source, strategy }, whenReady)
    }
  }
  return {
    mirror: environmentLayout(root, 'shop').mirrorDir,
    empty: await snapshotRoot(root),
    ready: (taskId, strategy) => ready.get(`${taskId} ${strategy}`) ?? new Map(),
  }
}

/** Makes an environment in which one task has lived and ended. */
export function warmUp(root: string, source: string): Promise<void> {
  return live(root, { envId: 'shop', taskId: TASKS[0], source }, () => Promise.resolve())
}

async function live(root: string, request: PrepareRequest, whenReady: () => Promise<void>): Promise<void> {
  const manager = new WorkspaceManager({ root })
  try {
    const identity = { name: 'Agent', email: 'agent@example.org' }
    const workspace = await manager.prepare({ ...request, identity })
    await whenReady()
    await workspace.cleanup()
  } finally {
    await manager.close()
  }
}
