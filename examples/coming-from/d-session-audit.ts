// Coming from a manager of worktree sessions: runs have names of their own, a session is reserved and released, and
// the audit log has the fields that you have today.
//
//   npx tsx examples/coming-from/d-session-audit.ts

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { check, example, say } from '../support/example.js'
import { gitIn } from '../support/run-git.js'

/** The fields as the audit log has them. */
interface AuditLine {
  readonly event: string
  readonly run_id?: string
  readonly task_run_id?: string
  readonly workflow_run_id?: string
  readonly worktree_path?: string
  readonly git_branch?: string
  readonly outcome?: string
  readonly action?: string
}

await example('D: sessions of worktrees, and their audit', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root, strategy: 'worktree' })
  const prepare = (runId: string, branch?: string) =>
    manager.prepare({
      envId: 'shop',
      taskId: 'task-42',
      runId,
      source: upstream.url,
      agentName: 'backend',
      taskRunId: `task-run-${runId}`,
      workflowRunId: 'workflow-7',
      ...(branch === undefined ? {} : { branch }),
    })

  // A retry never meets its predecessor: not in the path, not in the branch.
  const first = await prepare('1')
  const second = await prepare('2')
  check(basename(first.rootDir) === 'task-42@1', 'the run is in the path: tasks/task-42@1')
  check(first.branch === 'agent/backend/run-1/task-task-42', `and in the branch: ${first.branch}`)
  check(second.workDir !== first.workDir && second.branch !== first.branch, 'the second run has its own')

  const registered = await gitIn(first, 'worktree', 'list', '--porcelain')
  check(registered.includes(second.workDir), 'git worktree list --porcelain shows both')
  const refusal = await prepare('3', first.branch).then(
    () => 'none',
    (error: unknown) => (isWorkspaceError(error) ? error.code : 'unknown'),
  )
  check(refusal === 'BRANCH_TAKEN', 'a branch that a session has is refused')

  // Released once, however often it is said, and the first outcome counts.
  await first.finish('succeeded')
  check((await first.finish('failed')).outcome === 'succeeded', 'a second release changes nothing')
  await first.cleanup()
  await second.finish('cancelled')
  await second.cleanup()

  const log = `${manager.checkoutPath('shop')}/.git-task/audit.jsonl`
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n')
  const audit: AuditLine[] = lines.map((line) => JSON.parse(line))
  for (const [run, { workDir, branch }, outcome] of [
    ['1', first, 'succeeded'],
    ['2', second, 'cancelled'],
  ] as const) {
    const own = audit.filter(({ run_id }) => run_id === run)
    for (const { event, git_branch } of own) say(`run ${run}  ${event.padEnd(20)} ${git_branch}`)
    check(
      own.every(
        (line) =>
          line.task_run_id === `task-run-${run}` &&
          line.workflow_run_id === 'workflow-7' &&
          line.worktree_path === workDir &&
          line.git_branch === branch,
      ),
      `each line of run ${run} has its ids, its path and its branch`,
    )
    const released = own.filter(({ event }) => event === 'session.released')
    check(
      released.length === 1 && released[0]?.outcome === outcome,
      `run ${run} was released once: ${outcome}`,
    )
    check(own.at(-1)?.action === 'removed', 'its last line says what the cleanup did')
  }
  await manager.close()
})
