import { rename } from 'node:fs/promises'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import type { Upstream } from '../../helpers/upstream.js'
import { isThere } from './presence.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

type Push = (workspace: Workspace, upstream: Upstream) => Promise<unknown>

const SAVED: Record<string, Push> = {
  'no work at all': async () => undefined,
  'a pushed branch': async (workspace) => {
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
  },
  'a commit pushed under another name': async (workspace) => {
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', 'origin', 'HEAD:refs/heads/another')
  },
  'a merge of the remote branch, pushed': async (workspace, upstream) => {
    await agentCommits(workspace, 'work.txt')
    await upstream.commit('main', { 'later.txt': 'later\n' })
    await agentGit(workspace, 'pull', '--quiet', '--no-rebase', 'origin', 'main')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
  },
  'a rewritten commit of which both versions were pushed': async (workspace) => {
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', 'origin', 'HEAD:refs/heads/draft')
    await agentGit(workspace, 'commit', '--amend', '--quiet', '-m', 'Better said')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
  },
  'a pull of the remote branch': async (workspace, upstream) => {
    await upstream.commit('main', { 'later.txt': 'later\n' })
    await agentGit(workspace, 'pull', '--quiet', '--rebase', 'origin', 'main')
  },
  'files that the repository ignores': async (workspace) => {
    await agentWrites(workspace, '.gitignore', '*.log\n')
    await agentGit(workspace, 'add', '.gitignore')
    await agentGit(workspace, 'commit', '--quiet', '-m', 'Ignore logs')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    await agentWrites(workspace, 'build.log')
  },
  'a pushed branch that the remote deleted after a merge': async (workspace, upstream) => {
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    await upstream.git('update-ref', 'refs/heads/main', `refs/heads/${workspace.branch}`)
    await upstream.git('branch', '-D', String(workspace.branch))
  },
  'a file that was touched and put back': async (workspace) => {
    await agentCommits(workspace, 'work.txt', 'one\n')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    await agentGit(workspace, 'checkout', '--quiet', 'HEAD~1')
    await agentGit(workspace, 'checkout', '--quiet', '-')
  },
}

/** Both have them at their remote in one way, but for branches, which a removal deletes: each has one, in turns. */
const CASES = Object.keys(SAVED).flatMap((what, turn) =>
  CHECKOUTS.filter((_, at) => what.startsWith('a pushed branch') || at === turn % CHECKOUTS.length).map(
    (strategy) => ({ what, strategy }),
  ),
)

test.each(CASES)('$what, with the strategy $strategy', async ({ what, strategy }) => {
  const { manager, prepare, upstream, layout } = await makeWarmStage({ onUnsavedWork: 'refuse' })
  const workspace = await prepare({ strategy })
  await SAVED[what]?.(workspace, upstream)
  expect(await manager.cleanup(workspace.key)).toMatchObject({
    action: 'removed',
    branch: { name: workspace.branch, deleted: true },
  })
  expect(await isThere(workspace.rootDir)).toBe(false)
  expect(await git(layout.mirrorDir, 'for-each-ref', 'refs/heads')).toBe('')
})

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('what a base had that the remote rewrote is no work of the task', async () => {
    const { prepare, upstream } = await makeWarmStage({ onUnsavedWork: 'refuse' })
    const workspace = await prepare({ strategy })
    const rewritten = await upstream.git('commit-tree', '-m', 'Rewritten', 'main^{tree}')
    await upstream.git('update-ref', 'refs/heads/main', rewritten)
    await prepare({ strategy, taskId: 'task-2' })
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  })

  test('work of which the remote cannot be asked is kept: unknown is not saved', async () => {
    const { prepare, upstream } = await makeWarmStage({ onUnsavedWork: 'refuse' })
    const workspace = await prepare({ strategy, taskId: 'task-1' })
    await agentCommits(workspace, 'work.txt')
    await rename(upstream.path, `${upstream.path}.gone`)
    const { code, data } = await failureOf(workspace.cleanup())
    expect(code).toBe('UNSAVED_WORK')
    expect(data['unknown']).toEqual([expect.stringContaining('the remote could not be asked')])
  })
})
