import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, KEY, makeStage } from '../verbs/stage.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'

test("the task's commits, after the caller's repository was cleaned of them", async () => {
  const stage = await makeStage({}, { bare: false, name: 'own', files: UPSTREAM_FILES })
  const { path } = stage.upstream
  const request = { ...KEY, source: path, strategy: 'worktree' }
  const workspace = await stage.manager.prepare(request)
  await agentCommits(workspace, 'committed.txt')
  await agentWrites(workspace, 'untracked.txt')
  const before = await stateOf(workspace)
  const { branch } = await stage.manager.cleanup(KEY)
  expect(branch?.deleted).toBe(true)
  await git(path, 'reflog', 'expire', '--expire=now', '--all')
  await git(path, 'gc', '--quiet', '--prune=now')

  expect(await stateOf(await stage.manager.restore(KEY))).toEqual(before)
  await git(path, 'fsck', '--strict', '--no-dangling')
})

test.each(CHECKOUTS)(
  "another branch of upstream's that is gone by now, with the strategy %s",
  async (strategy) => {
    const stage = await makeStage(
      {},
      { files: UPSTREAM_FILES, branches: { other: { 'other.txt': 'other\n' } } },
    )
    const workspace = await stage.prepare({ strategy })
    await agentGit(workspace, 'checkout', '--quiet', '-b', 'mine', '--no-track', 'origin/other')
    await agentCommits(workspace, 'committed.txt')
    await stage.manager.cleanup(KEY)
    await stage.upstream.git('branch', '--quiet', '-D', 'other')
    await rm(stage.layout.mirrorDir, { recursive: true })
    await stage.prepare({ strategy, taskId: 'other' })

    const restored = await stage.manager.restore(KEY)
    expect(await agentGit(restored, 'log', '--format=%s', '-2', 'mine')).toContain('other')
    await git(restored.workDir, 'fsck', '--strict', '--no-dangling')
  },
)
