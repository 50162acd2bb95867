import { describe, expect, test } from 'vitest'
import { git, tryGit } from '../../helpers/run-git.js'
import { agentCommits, agentGit, CHECKOUTS, failureOf, makeStage } from '../verbs/stage.js'

const exists = async (directory: string, ref: string) =>
  (await tryGit(directory, 'rev-parse', '--verify', '--quiet', ref)).code === 0

test('a branch that is deleted on the remote goes, and tags stay', async () => {
  const { layout, prepare, upstream } = await makeStage({}, { branches: { old: {} }, tags: ['v1'] })
  await prepare({ taskId: 'task-0', baseRef: 'old' })
  expect(await exists(layout.mirrorDir, 'refs/remotes/origin/old')).toBe(true)
  await upstream.git('branch', '-D', 'old')
  await upstream.git('tag', '-d', 'v1')
  const second = await prepare({ taskId: 'task-2' })
  expect(await exists(layout.mirrorDir, 'refs/remotes/origin/old')).toBe(false)
  expect(await exists(layout.mirrorDir, 'refs/tags/v1')).toBe(true)
  expect(await agentGit(second, 'branch', '-r', '--list', 'origin/old')).toBe('')
  expect((await failureOf(prepare({ taskId: 'task-3', baseRef: 'old' }))).code).toBe('GIT_REF_MISSING')
})

test.each([{}, { maxRepositoryBytes: 1e9 }])(
  'tags in the way of others that upstream has now go: %j',
  async (limits) => {
    const { layout, prepare, upstream } = await makeStage(limits, { tags: ['v1', 'next/one', 'next/two'] })
    const before = await prepare({})
    await upstream.git('tag', '-d', 'v1', 'next/one', 'next/two')
    for (const tag of ['v1/rc', 'next']) await upstream.git('tag', tag)
    const after = await prepare({ taskId: 'task-2', freshness: { mode: 'require' }, baseRef: 'v1/rc' })
    expect(await git(layout.mirrorDir, 'tag')).toBe('next\nv1/rc')
    expect(await agentGit(after, 'tag')).toBe('next\nv1/rc')
    const commit = await upstream.commit('main', { 'new.txt': 'new\n' })
    expect(await before.refresh()).toMatchObject({ action: 'updated', after: commit, stale: false })
    expect(await agentGit(before, 'tag')).toBe('next/one\nnext/two\nv1')
  },
)

test('a branch made by a task in a worktree is never pruned', async () => {
  const { layout, prepare } = await makeStage()
  const first = await prepare({ strategy: 'worktree', taskId: 'task-0' })
  const commit = await agentCommits(first, 'work.txt')
  await agentGit(first, 'tag', 'made-by-a-task')
  await prepare({ strategy: 'worktree', taskId: 'task-2' })
  expect(await git(layout.mirrorDir, 'rev-parse', `refs/heads/${first.branch}`)).toBe(commit)
  expect(await git(layout.mirrorDir, 'rev-parse', 'refs/tags/made-by-a-task')).toBe(commit)
})

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('a workspace made from a branch that is gone goes on working', async () => {
    const { prepare, upstream } = await makeStage({}, { branches: { old: { 'old.txt': 'old\n' } } })
    const workspace = await prepare({ strategy, baseRef: 'old' })
    await upstream.git('branch', '-D', 'old')
    await upstream.git('gc', '--quiet', '--prune=now')
    await prepare({ strategy, taskId: 'task-2' })
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'rev-list', '--objects', 'HEAD')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    expect(await upstream.git('show', `${workspace.branch}:old.txt`)).toBe('old')
  })

  test('a branch that was rewritten on the remote is followed by the next task', async () => {
    const { prepare, upstream } = await makeStage()
    await prepare({ strategy, taskId: 'task-0' })
    const rewritten = await upstream.git('commit-tree', '-m', 'Rewritten', 'main^{tree}')
    await upstream.git('update-ref', 'refs/heads/main', rewritten)
    expect((await prepare({ strategy })).base).toMatchObject({ commit: rewritten, stale: false })
  })

  test('a branch that takes the place of a folder of branches is followed, too', async () => {
    const { prepare, upstream } = await makeStage({}, { branches: { 'topic/one': {} } })
    await prepare({ strategy, taskId: 'task-0' })
    await upstream.git('branch', '-D', 'topic/one')
    const commit = await upstream.commit('topic', { 'topic.txt': 'topic\n' })
    const workspace = await prepare({ strategy, freshness: { mode: 'require' }, baseRef: 'topic' })
    expect(workspace.base?.commit).toBe(commit)
  })
})
