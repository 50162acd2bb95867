import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree, type TreeSnapshot } from '../../helpers/tree-snapshot.js'
import { namesIn } from '../verbs/presence.js'
import { agentCommits, agentGit, agentWrites, failureOf, KEY, makeStage } from '../verbs/stage.js'

/** What a task adds to the repository by its nature; everything else has to stay. */
const TASKS_OWN = ['.git/objects', '.git/refs', '.git/logs', '.git/packed-refs', '.git/worktrees']

/** A repository in use: local settings, a hook, and changed, staged and untracked files. */
async function usedRepository() {
  const stage = await makeStage({}, { bare: false, name: 'own', files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } })
  const { path } = stage.upstream
  await git(path, 'config', 'user.name', 'The Owner')
  await writeFile(join(path, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 0\n')
  await chmod(join(path, '.git/hooks/pre-commit'), 0o755)
  await writeFile(join(path, 'a.txt'), 'changed\n')
  await writeFile(join(path, 'staged.txt'), 'staged\n')
  await writeFile(join(path, 'untracked.txt'), 'untracked\n')
  await git(path, 'add', 'staged.txt')
  const prepare = (taskId = 'task-1') =>
    stage.manager.prepare({ ...KEY, taskId, source: path, strategy: 'worktree' })
  const look = async () => withoutFolderTimes(await snapshotTree(path, { ignore: TASKS_OWN, mtime: true }))
  return { ...stage, path, prepare, look }
}

/** A folder's time changes with a temporary file in it; a file's tells that it was written. */
function withoutFolderTimes(snapshot: TreeSnapshot): TreeSnapshot {
  const entries = Object.entries(snapshot).map(([path, facts]) => [
    path,
    facts.startsWith('directory') ? facts.replace(/ [\d.]+$/, '') : facts,
  ])
  return Object.fromEntries(entries) as TreeSnapshot
}

test('through prepare, work, refresh and cleanup it is byte for byte the same', async () => {
  const { look, path, prepare } = await usedRepository()
  const before = await look()
  const workspace = await prepare()
  expect(await look()).toEqual(before)
  await agentCommits(workspace, 'work.txt')
  await agentWrites(workspace, 'untracked-too.txt')
  expect(await look()).toEqual(before)
  expect(await workspace.refresh()).toMatchObject({ action: 'up-to-date' })
  await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  expect(await look()).toEqual(before)
  await workspace.cleanup({ onUnsavedWork: 'discard' })
  expect(await look()).toEqual(before)
  expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain(workspace.workDir)
  expect(await namesIn(join(path, '.git'))).not.toContain('worktrees')
})

test('the worktree belongs to it', async () => {
  const { path, prepare } = await usedRepository()
  const workspace = await prepare()
  const list = await git(path, 'worktree', 'list', '--porcelain')
  expect(list).toContain(`worktree ${workspace.workDir}\n`)
  expect(list).toContain(`branch refs/heads/${workspace.branch}`)
  expect(await agentGit(workspace, 'rev-parse', '--git-common-dir')).toBe(join(path, '.git'))
  await git(path, 'worktree', 'prune', '--expire=now')
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
})

test('commits stay in its branch when the workspace goes', async () => {
  const { path, prepare } = await usedRepository()
  const workspace = await prepare()
  const commit = await agentCommits(workspace, 'work.txt')
  const report = await workspace.cleanup()
  expect(report).toMatchObject({ action: 'removed', branch: { name: workspace.branch, deleted: false } })
  expect(await git(path, 'rev-parse', `refs/heads/${workspace.branch}`)).toBe(commit)
})

test('a branch without commits goes, and no other registration', async () => {
  const { path, prepare, directory } = await usedRepository()
  await git(path, 'worktree', 'add', '--quiet', '-b', 'by-hand', join(directory, 'by-hand'))
  const workspace = await prepare()
  const neighbour = await prepare('task-2')
  expect(await workspace.cleanup()).toMatchObject({ branch: { deleted: true } })
  const list = await git(path, 'worktree', 'list', '--porcelain')
  expect(list).toContain(join(directory, 'by-hand'))
  expect(list).toContain(neighbour.workDir)
  expect(await git(path, 'branch', '--list', String(workspace.branch))).toBe('')
})

test('it is brought up to date with the branch of the repository it was made from', async () => {
  const { path, prepare, look, upstream } = await usedRepository()
  const workspace = await prepare()
  const tree = await git(path, 'rev-parse', 'main^{tree}')
  const tip = await git(path, 'commit-tree', '-m', 'By the owner', '-p', 'main', tree)
  await git(path, 'update-ref', 'refs/heads/main', tip)
  const before = await look()
  expect(await workspace.refresh()).toMatchObject({ action: 'updated', after: tip })
  expect(await agentGit(workspace, 'rev-parse', 'HEAD')).toBe(await upstream.head())
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  expect(await look()).toEqual(before)
})

test('a branch that the repository has already is refused, or gets a suffix', async () => {
  const { manager, path } = await usedRepository()
  await git(path, 'branch', 'taken')
  const request = { ...KEY, source: path, strategy: 'worktree', branch: 'taken' }
  expect((await failureOf(manager.prepare(request))).code).toBe('BRANCH_TAKEN')
  const workspace = await manager.prepare({ ...request, onBranchTaken: 'suffix' })
  expect(workspace.branch).toBe('taken-2')
})
