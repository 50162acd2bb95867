import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

test('reservation, release and cleanup, with ids, path, branch and bytes', async () => {
  const { prepare, layout } = await makeWarmStage()
  const ids = { taskRunId: 'tr-1', workflowRunId: 'wr-1' }
  const { workDir, branch, finish, cleanup } = await prepare({ runId: 'r1', ...ids, strategy: 'worktree' })
  await finish('succeeded')
  const { freedBytes } = await cleanup()
  const lines = (await readFile(layout.auditFile, 'utf8')).trimEnd().split('\n')
  const entries: Record<string, unknown>[] = lines.map((line) => JSON.parse(line))
  const own = entries.filter((entry) => entry['run_id'] === 'r1')
  expect(own.map(({ event }) => event)).toEqual([
    'session.reserved',
    'workspace.preparing',
    'workspace.ready',
    'session.released',
    'cleanup.started',
    'cleanup.completed',
  ])
  for (const entry of own) {
    expect(entry).toMatchObject({
      env_id: KEY.envId,
      task_id: KEY.taskId,
      task_run_id: 'tr-1',
      workflow_run_id: 'wr-1',
      worktree_path: workDir,
      git_branch: branch,
    })
  }
  expect(freedBytes).toBeGreaterThan(0)
  expect(own.at(-1)).toMatchObject({ action: 'removed', reason: 'removed', freed_bytes: freedBytes })
})
