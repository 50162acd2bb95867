import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import type { Upstream } from '../../helpers/upstream.js'
import { isThere } from './presence.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, KEY, makeStage } from './stage.js'

const refsOf = (output: string) => output.split('\n').filter((line) => line !== '' && !/\bHEAD /.test(line))

/** The agent's view of the remote is what the remote has, and git finds nothing to complain about. */
async function expectInStep(workspace: Workspace, upstream: Upstream): Promise<void> {
  const format = '--format=%(refname:lstrip=-1) %(objectname)'
  const seen = await agentGit(workspace, 'for-each-ref', format, 'refs/remotes/origin')
  expect(refsOf(seen)).toEqual(refsOf(await upstream.git('for-each-ref', format, 'refs/heads')))
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  expect(await agentGit(workspace, 'diff', 'HEAD', '--stat')).toBe('')
  expect(await agentGit(workspace, 'symbolic-ref', '--short', 'HEAD')).toBe(workspace.branch)
}

// Else its hooks would run (git 2.54 and later); here git itself cannot use the repository at all.
test('what an agent has configured in its clone has no say', async () => {
  const { prepare, upstream } = await makeStage()
  const workspace = await prepare({ strategy: 'clone' })
  const config = join(workspace.workDir, '.git/config')
  const own = await readFile(config, 'utf8')
  const after = await upstream.commit('main', { 'README.md': 'two\n' })
  await writeFile(config, '[core]\n\trepositoryFormatVersion = 99\n')
  await expect(agentGit(workspace, 'rev-parse', 'HEAD')).rejects.toThrow('version')
  expect(await workspace.refresh()).toMatchObject({ action: 'updated', after })
  await writeFile(config, own)
  expect(await agentGit(workspace, 'log', '-g', '-1', '--format=%H %gs', 'HEAD')).toBe(
    `${after} git-task-isolation: refreshed (fast-forward)`,
  )
})

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('fast-forward: files, branch and the view of the remote move on', async () => {
    const files = { 'old.txt': 'old\n', 'README.md': 'one\n' }
    const { manager, prepare, upstream } = await makeStage({}, { files, branches: { gone: {} } })
    const workspace = await prepare({ strategy })
    await upstream.git('branch', '-D', 'gone')
    await upstream.commit('new', { 'elsewhere.txt': 'x\n' })
    const after = await upstream.commit('main', { 'README.md': 'two\n', 'deep/new.txt': 'new\n' })
    const refreshed: unknown[] = []
    manager.on('workspace.refreshed', (event) => refreshed.push(event))
    const before = workspace.base?.commit
    const report = await workspace.refresh()
    expect(report).toEqual({
      action: 'updated',
      mode: 'fast-forward',
      before,
      after,
      ref: 'main',
      stale: false,
    })
    expect(refreshed).toMatchObject([{ key: KEY, before, after, mode: 'fast-forward' }])
    expect(await agentGit(workspace, 'rev-parse', 'HEAD')).toBe(after)
    expect(await isThere(join(workspace.workDir, 'deep/new.txt'))).toBe(true)
    expect((await manager.get(KEY))?.base).toMatchObject({ ref: 'main', commit: after })
    await expectInStep(workspace, upstream)
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  })

  test("rebase: the task's commits are replayed, with their authors", async () => {
    const { prepare, upstream } = await makeStage()
    const identity = { name: 'The Agent', email: 'agent@example.org' }
    const workspace = await prepare({ strategy, identity })
    await agentCommits(workspace, 'one.txt')
    await agentCommits(workspace, 'two.txt')
    const tip = await upstream.commit('main', { 'later.txt': 'later\n' })
    expect(await workspace.refresh({ mode: 'rebase' })).toMatchObject({ action: 'updated', mode: 'rebase' })
    const log = await agentGit(workspace, 'log', '--format=%s %an', `${tip}..HEAD`)
    expect(log).toBe('Add two.txt The Agent\nAdd one.txt The Agent')
    await expectInStep(workspace, upstream)
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  })

  test('reset: pushed commits are left for the newest base', async () => {
    const { prepare, upstream } = await makeStage()
    const workspace = await prepare({ strategy })
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    const after = await upstream.commit('main', { 'later.txt': 'later\n' })
    expect(await workspace.refresh({ mode: 'reset' })).toMatchObject({ action: 'updated', after })
    expect(await isThere(join(workspace.workDir, 'work.txt'))).toBe(false)
    await expectInStep(workspace, upstream)
  })

  test('reset: follows a remote branch that was rewritten', async () => {
    const { prepare, upstream } = await makeStage()
    const workspace = await prepare({ strategy })
    const tree = await upstream.git('rev-parse', 'main^{tree}')
    const rewritten = await upstream.git('commit-tree', '-m', 'Rewritten', tree)
    await upstream.git('update-ref', 'refs/heads/main', rewritten)
    expect(await workspace.refresh({ mode: 'reset' })).toMatchObject({ after: rewritten })
    await expectInStep(workspace, upstream)
  })

  test('a detached workspace and one of another branch are refreshed like any other', async () => {
    const { prepare, upstream } = await makeStage({}, { branches: { next: { 'next.txt': 'next\n' } } })
    const detached = await prepare({ strategy, branch: false })
    const next = await prepare({ strategy, taskId: 'task-2', baseRef: 'next' })
    const main = await upstream.commit('main', { 'later.txt': 'later\n' })
    const tip = await upstream.commit('next', { 'later.txt': 'later\n' })
    expect(await detached.refresh()).toMatchObject({ after: main, ref: 'main' })
    expect(await agentGit(detached, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD')
    expect(await next.refresh()).toMatchObject({ after: tip, ref: 'next' })
    await upstream.git('branch', '--move', 'next', 'renamed')
    await expect(next.refresh()).rejects.toMatchObject({
      code: 'GIT_REF_MISSING',
      hint: expect.stringContaining('prepare another workspace from a branch that the source has'),
    })
  })
})

test.each(CHECKOUTS)('one of a shallow source moves on like any other: %s', async (strategy) => {
  const { root, prepare, upstream } = await makeStage()
  for (const name of ['a', 'b']) await upstream.commit('main', { [name]: name })
  const source = join(root, '../shallow')
  await git('/', 'clone', '--quiet', '--depth', '2', upstream.url, source)
  const workspace = await prepare({ strategy, source: `file://${source}` })
  for (const message of ['one', 'two', 'three'])
    await git(source, 'commit', '--quiet', '--allow-empty', '-m', message)
  expect(await workspace.refresh()).toMatchObject({ action: 'updated' })
  await agentCommits(workspace, 'own.txt')
  await git(source, 'commit', '--quiet', '--allow-empty', '-m', 'four')
  expect(await workspace.refresh({ mode: 'rebase' })).toMatchObject({ action: 'updated' })
})

test.each([
  { mode: 'fast-forward', strategy: 'clone' },
  { mode: 'rebase', strategy: 'worktree' },
  { mode: 'reset', strategy: 'worktree' },
] as const)('$mode: up to date is no change of a $strategy', async ({ mode, strategy }) => {
  const { prepare, upstream } = await makeStage()
  const workspace = await prepare({ strategy })
  await upstream.commit('side', { 'side.txt': 'side\n' })
  expect(await workspace.refresh({ mode })).toMatchObject({ action: 'up-to-date', mode })
  await expectInStep(workspace, upstream)
})

test('fast-forward: own commits on top of the newest base are no change either', async () => {
  const strategy = 'worktree'
  const { prepare, upstream } = await makeStage()
  const workspace = await prepare({ strategy })
  const commit = await agentCommits(workspace, 'work.txt')
  expect(await workspace.refresh()).toMatchObject({ action: 'up-to-date', after: commit })
  await expectInStep(workspace, upstream)
})

test("untracked files that are in no one's way stay", async () => {
  const strategy = 'clone'
  const { prepare, upstream } = await makeStage()
  const workspace = await prepare({ strategy })
  await agentWrites(workspace, 'mine.txt')
  await upstream.commit('main', { 'later.txt': 'later\n' })
  expect(await workspace.refresh()).toMatchObject({ action: 'updated' })
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('?? mine.txt')
})

test('a remote that is gone leaves everything, and says so', async () => {
  const strategy = 'clone'
  const { prepare, upstream } = await makeStage()
  const workspace = await prepare({ strategy })
  await rename(upstream.path, `${upstream.path}.gone`)
  expect(await workspace.refresh()).toMatchObject({ action: 'up-to-date', stale: true })
})

test('what is not there cannot be refreshed, and nothing is made by trying', async () => {
  const { manager, root } = await makeStage()
  expect((await failureOf(manager.refresh(KEY))).code).toBe('WORKSPACE_MISSING')
  expect(await isThere(root)).toBe(false)
})
