// Coming from a package of execution environments: Prepare and Cleanup, with workdir, output, logs and the issue.
//
//   npx tsx examples/coming-from/e-execution-environment.ts

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AgentContext, type CleanupReport, type Workspace, WorkspaceManager } from 'git-task-isolation'
import { check, example, say } from '../support/example.js'
import { exists } from '../support/files.js'
import { gitIn } from '../support/run-git.js'

const CONTEXT = {
  issueTitle: 'Add login',
  issueDescription: 'Customers want to see their orders.',
  acceptanceCriteria: ['tests pass', 'the page is linked'],
  contextRefs: ['docs/guide.md'],
  workspaceContext: 'We use Go and TypeScript.',
  agentSkills: ['code review'],
} satisfies AgentContext

await example('E: Prepare and Cleanup of an execution environment', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root })

  /** A code task has a repository and gets a worktree of it, any other task a plain directory. */
  const prepareEnvironment = (taskId: string, repository?: string): Promise<Workspace> => {
    const request = { envId: 'workspace-1', taskId, agentName: 'ada', context: CONTEXT }
    if (repository === undefined) return manager.prepare(request)
    return manager.prepare({
      ...request,
      source: repository,
      strategy: 'worktree',
      onGitFailure: 'directory',
    })
  }

  /** Cleanup(true) takes all of it, Cleanup(false) leaves output/ and logs/. */
  const cleanupEnvironment = (workspace: Workspace, what: 'all' | 'workdir'): Promise<CleanupReport> =>
    workspace.cleanup({ keep: what === 'all' ? 'nothing' : 'artifacts' })

  const code = await prepareEnvironment('fix-login', upstream.url)
  check(code.strategy === 'worktree', 'a code task works in a worktree')
  check(code.branch === 'agent/ada/fix-login', `its branch is reported: ${code.branch}`)
  const issue = await readFile(join(code.workDir, '.agent_context/issue_context.md'), 'utf8')
  const sections = issue.split('\n').filter((line) => line.startsWith('#'))
  say(sections.join('  '))
  check(sections.length === 6, 'issue_context.md has all six parts')
  check((await gitIn(code, 'status', '--porcelain')) === '', 'git does not see it')

  await writeFile(join(code.outputDir, 'report.md'), 'all green\n')
  await writeFile(join(code.logsDir, 'agent.log'), 'started\n')
  await code.finish('succeeded')
  await cleanupEnvironment(code, 'workdir')
  check(!(await exists(code.workDir)), 'the partial cleanup takes workdir/')
  check(
    (await exists(join(code.outputDir, 'report.md'))) && (await exists(join(code.logsDir, 'agent.log'))),
    'and leaves output/ and logs/',
  )

  const text = await prepareEnvironment('write-letter')
  check(text.strategy === 'directory' && text.branch === undefined, 'another task gets a plain directory')
  await cleanupEnvironment(text, 'all')
  check(!(await exists(text.rootDir)), 'the whole cleanup takes everything')

  // Ids are used whole, so that two that begin alike are two.
  const alike = ['a1b2c3d4-0001', 'a1b2c3d4-0002'].map((taskId) =>
    manager.checkoutPath('workspace-1', taskId),
  )
  check(alike[0] !== alike[1], 'ids that begin alike have folders of their own')

  // The switch that keeps an environment after its task is not to call cleanup: it goes when it is old enough.
  const kept = await prepareEnvironment('debug-me', upstream.url)
  await kept.finish('failed')
  const plan = await manager.sweep({ dryRun: true })
  check(
    plan.decisions.some(({ key, action }) => key?.taskId === 'debug-me' && action === 'keep'),
    'a kept environment is left by sweeps for as long as the policy says',
  )
  await manager.cleanupAll('workspace-1')

  // Where git cannot do it, a directory is given only to those who asked for one.
  const noRepository = `${upstream.url}-that-is-not-there`
  const fallback = await manager.prepare({
    envId: 'workspace-2',
    taskId: 'fix-login',
    source: noRepository,
    onGitFailure: 'directory',
  })
  check(fallback.strategy === 'directory', 'a repository that cannot be had: the fallback is a directory')
  await manager.cleanupAll('workspace-2')
  await manager.close()
})
