// Five agents at once on one repository. No queue, no mutex of yours: `prepare` may be called as often and as
// concurrently as you like, from several processes too.
//
//   npx tsx examples/parallel-agents/parallel-agents.ts

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Workspace, WorkspaceManager } from 'git-task-isolation'
import { runAgent } from '../support/agent.js'
import { check, example, say } from '../support/example.js'

const AGENTS = ['backend', 'frontend', 'tester', 'writer', 'reviewer']

await example('Five agents at once', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root })
  manager.on('workspace.ready', ({ workDir }) => say(`ready      ${workDir}`))

  const workOn = async (agentName: string): Promise<Workspace> => {
    const request = { envId: 'shop', taskId: `${agentName}-1`, source: upstream.url, agentName }
    const workspace = await manager.prepare({ ...request, context: { issueTitle: `Work for ${agentName}` } })
    await runAgent(workspace)
    await workspace.finish('succeeded')
    return workspace
  }
  const workspaces = await Promise.all(AGENTS.map(workOn))

  const branches = workspaces.map(({ branch }) => branch ?? '')
  check(new Set(branches).size === AGENTS.length, 'every agent had a branch of its own')
  const arrived = await upstream.branches()
  check(
    branches.every((branch) => arrived.includes(branch)),
    'every branch has arrived at the remote',
  )

  // All of them changed WHO.md at the same time; each one sees its own change and nobody else's.
  const alone = await Promise.all(workspaces.map(seesOnlyItself))
  check(alone.every(Boolean), 'no agent saw a change of another')

  const reports = await manager.cleanupAll('shop')
  check(
    reports.length === AGENTS.length && reports.every(({ action }) => action === 'removed'),
    'all cleaned up',
  )
  await manager.close()
})

async function seesOnlyItself({ workDir, key }: Workspace): Promise<boolean> {
  const text = await readFile(join(workDir, 'WHO.md'), 'utf8')
  return text.startsWith(`Only ${key.taskId} works here.`)
}
