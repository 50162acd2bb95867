// A strategy of your own: where the files of a workspace come from is yours to decide, everything else
// (sessions, context files, environment, cleanup) stays as it is. See snapshot-strategy.ts for the strategy.
//
//   npx tsx examples/custom-strategy/custom-strategy.ts

import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { runAgent } from '../support/agent.js'
import { check, example, say } from '../support/example.js'
import { exists } from '../support/files.js'
import { gitIn } from '../support/run-git.js'
import { snapshotStrategy } from './snapshot-strategy.js'

await example('A custom strategy', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root, strategies: [snapshotStrategy] })

  const workspace = await manager.prepare({
    envId: 'shop',
    taskId: 'movable',
    source: upstream.url,
    strategy: 'snapshot',
  })
  say(`workspace  ${workspace.workDir}`)
  check(workspace.strategy === 'snapshot', 'the workspace was made by the strategy asked for')
  check(
    !(await exists(join(workspace.workDir, '.git/objects/info/alternates'))),
    'it borrows no objects from the mirror',
  )
  check((await gitIn(workspace, 'remote', 'get-url', 'origin')) === upstream.url, 'origin is the true remote')

  await runAgent(workspace)
  check((await upstream.branches()).includes(workspace.branch ?? ''), 'the branch has arrived at the remote')

  // A later process finds the strategy by the name in the session record.
  await manager.close()
  const later = new WorkspaceManager({ root, strategies: [snapshotStrategy] })
  await later.finish(workspace.key, 'succeeded')
  const report = await later.cleanup(workspace.key)
  check(report.action === 'removed', 'another manager could clean it up')
  await later.close()
})
