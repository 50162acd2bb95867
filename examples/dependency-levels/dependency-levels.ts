// Two levels of tasks: those of one level run in parallel, those of the next start from their results.
// All it takes is `baseRef`: the branch that the task before has pushed.
//
//   npx tsx examples/dependency-levels/dependency-levels.ts

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Workspace, WorkspaceManager } from 'git-task-isolation'
import { runAgent } from '../support/agent.js'
import { check, example, say } from '../support/example.js'

interface Task {
  readonly id: string
  /** The task whose result this one builds on. */
  readonly after?: string
}

const LEVELS: readonly (readonly Task[])[] = [
  [{ id: 'schema' }, { id: 'api' }],
  [
    { id: 'migration', after: 'schema' },
    { id: 'client', after: 'api' },
    { id: 'docs', after: 'api' },
  ],
]

await example('Two dependency levels', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root })
  const done = new Map<string, Workspace>()

  const workOn = async ({ id, after }: Task): Promise<void> => {
    const baseRef = after === undefined ? undefined : done.get(after)?.branch
    const request = { envId: 'shop', taskId: id, source: upstream.url, agentName: 'builder' }
    const workspace = await manager.prepare(baseRef === undefined ? request : { ...request, baseRef })
    say(`${id.padEnd(10)} starts from ${workspace.base?.ref}`)
    await runAgent(workspace)
    await workspace.finish('succeeded')
    done.set(id, workspace)
  }

  for (const level of LEVELS) await Promise.all(level.map(workOn))

  for (const { id, after } of LEVELS.flat()) {
    const expected = [id, ...(after === undefined ? [] : [after])].sort()
    const notes = await notesIn(done.get(id))
    check(notes.join() === expected.join(), `${id} holds the work of ${expected.join(' and ')}, no other`)
  }
  const reports = await manager.cleanupAll('shop')
  check(
    reports.every(({ action }) => action === 'removed'),
    'all cleaned up',
  )
  await manager.close()
})

async function notesIn(workspace: Workspace | undefined): Promise<string[]> {
  if (workspace === undefined) return []
  const files = await readdir(join(workspace.workDir, 'agent-notes'))
  return files.map((file) => file.replace(/\.md$/, '')).sort()
}
