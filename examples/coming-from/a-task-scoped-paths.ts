// Coming from a desktop agent runner: its paths, its old shared checkout, its clean-up and its two variables.
//
//   npx tsx examples/coming-from/a-task-scoped-paths.ts

import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { managedRepoCheckoutPath, optionsFromEnvironment, WorkspaceManager } from 'git-task-isolation'
import { check, example, say } from '../support/example.js'
import { exists } from '../support/files.js'

const DAY_MS = 86_400_000

await example('A: task-scoped paths and clean-up variables', async ({ root, upstream }) => {
  // The path function, with and without a task. It looks at nothing and creates nothing.
  const shared = managedRepoCheckoutPath(root, 'shop')
  check(shared === join(root, 'managed-repos/shop'), 'without a task the path is managed-repos/<env_id>/')
  check(
    managedRepoCheckoutPath(root, 'shop', 'task-42') === join(shared, 'tasks/task-42'),
    'with a task it is managed-repos/<env_id>/tasks/<task_id>/',
  )

  // The checkout that all tasks shared until now goes on beside the tasks.
  execFileSync('git', ['clone', '--quiet', upstream.url, shared], { stdio: 'ignore' })
  await writeFile(join(shared, 'README.md'), 'somebody is at work here\n')

  // The two variables, as they are set today; in a program of yours the argument is left out.
  const today = { AGENTS_RUNNER_CLEANUP_AGE_DAYS: '2', AGENTS_RUNNER_KEEP_FAILED_TASKS: 'true' }
  const manager = new WorkspaceManager({ ...optionsFromEnvironment(today), root })
  const prepare = (taskId: string) => manager.prepare({ envId: 'shop', taskId, source: upstream.url })

  const done = await prepare('task-42')
  const failed = await prepare('task-43')
  check(done.rootDir === manager.checkoutPath('shop', 'task-42'), 'prepare uses the same path')

  // When a task is archived its workspace goes at once; a failed one is kept, and goes when it is old enough.
  const removed = await manager.cleanup(done.key, { outcome: 'succeeded' })
  check(removed.action === 'removed', 'an archived task is cleaned up at once')
  const kept = await manager.cleanup(failed.key, { outcome: 'failed' })
  check(kept.action === 'kept', `a failed task is kept: ${kept.reason}`)
  const { workspaces } = (await manager.diskUsage('shop')).environments[0] ?? { workspaces: [] }
  say(`disk usage ${workspaces.map(({ key, bytes }) => `${key.taskId}: ${bytes} bytes`).join(', ')}`)

  const tomorrow = new Date(Date.now() + DAY_MS)
  const plan = await manager.sweep({ now: tomorrow, dryRun: true })
  check(plan.removed === 0, 'a sweep tomorrow would remove nothing')
  const swept = await manager.sweep({ now: new Date(Date.now() + 3 * DAY_MS) })
  check(swept.removed === 1 && !(await exists(failed.rootDir)), 'a sweep after three days removes it')

  check(
    (await readFile(join(shared, 'README.md'), 'utf8')) === 'somebody is at work here\n',
    'the shared checkout is as it was',
  )

  // A folder of the caller's own is used as it is, and never deleted.
  const own = join(dirname(root), 'my-project')
  await mkdir(own)
  const local = await manager.prepare({
    envId: 'mine',
    taskId: 'task-1',
    source: own,
    strategy: 'local',
  })
  check(local.workDir === own, 'a local task works in the folder itself')
  const left = await local.cleanup()
  check(left.action === 'kept' && (await exists(own)), `cleanup leaves it alone: ${left.reason}`)
  await manager.close()
})
