// One task from start to end: prepare, let an agent work and push, finish, clean up.
//
//   npx tsx examples/one-task/one-task.ts

import { WorkspaceManager } from 'git-task-isolation'
import { runAgent } from '../support/agent.js'
import { check, example, say } from '../support/example.js'
import { exists } from '../support/files.js'
import { gitIn } from '../support/run-git.js'

await example('One task, from prepare to cleanup', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root })

  const workspace = await manager.prepare({
    envId: 'shop',
    taskId: 'task-42',
    source: upstream.url,
    agentName: 'backend-engineer',
    context: { issueTitle: 'Add login', acceptanceCriteria: ['tests pass'] },
  })
  say(`workspace  ${workspace.workDir}`)
  say(`branch     ${workspace.branch}, from ${workspace.base?.ref} at ${workspace.base?.commit.slice(0, 8)}`)
  check(
    (await gitIn(workspace, 'status', '--porcelain')) === '',
    'git status is empty: our files do not show',
  )

  // Any program can be the agent; all it needs is `cwd: workspace.workDir` and `env: workspace.env`.
  await runAgent(workspace)
  check((await upstream.branches()).includes(workspace.branch ?? ''), 'the branch has arrived at the remote')

  await workspace.finish('succeeded')
  const report = await workspace.cleanup()
  check(report.action === 'removed', 'cleanup removed the workspace, for its work is saved')
  check(!(await exists(workspace.rootDir)), 'its folder is gone')
  check((await workspace.cleanup()).action === 'absent', 'a second cleanup finds nothing and does no harm')

  await manager.close()
})
