import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Workspace } from '../../../src/workspace.js'
import { git, tryGit } from '../../helpers/run-git.js'
import { agentWrites, CHECKOUTS } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { workFoundIn } from './look.js'

const FILES = { 'README.md': 'one\n', '.gitignore': '.worktrees/\nbuild/\n' }

const contentOf = (workspace: Workspace, path: string) =>
  readFile(join(workspace.workDir, path), 'utf8').catch(() => 'gone')

test.each(CHECKOUTS)('in a %s: worktrees, repositories and what git was told to add', async (strategy) => {
  const { prepare, manager, upstream } = await makeWarmStage({}, { files: FILES })
  const workspace = await prepare({ strategy })
  const { workDir, key } = workspace
  await addWork(workspace, upstream.path)
  // The control: git itself refuses to take the worktree away, and sees the edits in what it was told to add.
  expect((await tryGit(workDir, 'worktree', 'remove', '.worktrees/x')).code).not.toBe(0)
  expect(await git(workDir, 'status', '--porcelain', '--', 'build')).toContain('build/n')
  const { nested, ignored } = await workFoundIn(workspace)
  const inside = [
    '.worktrees/x',
    ...['bare', 'hub', 'hub-wt', 'lent', 'moved', 'n', 'own'].map((name) => `build/${name}`),
  ]
  inside.push('borrows', 'of-bare', 'of-lent')
  expect([...nested].sort()).toEqual(inside.sort())
  expect(ignored.files).toBeGreaterThan(4)
  const { archive } = await workspace.cleanup()
  expect(archive).toBeDefined()
  const back = await manager.restore(key, { taskId: 'other' })
  expect({
    worktree: await contentOf(back, '.worktrees/x/work.txt'),
    moved: await contentOf(back, 'build/moved/work.txt'),
    added: await contentOf(back, 'build/n/work.txt'),
    own: await contentOf(back, 'build/own/work.txt'),
    commit: await git(join(back.workDir, 'build/own'), 'log', '-1', '--format=%s'),
    ofBare: await git(join(back.workDir, 'of-bare'), 'log', '-1', '--format=%s'),
    borrowed: await git(join(back.workDir, 'borrows'), 'log', '-1', '--format=%s'),
    ofLent: await git(join(back.workDir, 'of-lent'), 'show', ':work.txt'),
    ofHub: await git(join(back.workDir, 'build/hub-wt'), 'show', ':work.txt'),
    inBare: await git(join(back.workDir, 'bare'), 'for-each-ref', '--format=%(refname)'),
    knownToBare: await git(join(back.workDir, 'build/bare'), 'worktree', 'list', '--porcelain'),
    fetched: await contentOf(back, 'build/fetched/README.md'),
    plain: await contentOf(back, 'build/a.o'),
  }).toEqual({
    worktree: 'work',
    moved: 'work',
    added: 'work',
    own: 'work',
    commit: 'own',
    ofBare: 'own',
    borrowed: 'First commit',
    ofLent: 'work',
    ofHub: 'work',
    inBare: 'refs/heads/build/fix',
    knownToBare: expect.stringContaining(`worktree ${join(back.workDir, 'of-bare')}`),
    fetched: 'gone',
    plain: 'gone',
  })
})

test('a glob that names a folder has the repositories in it archived', async () => {
  const { prepare, manager, upstream } = await makeWarmStage({}, { files: FILES })
  const workspace = await prepare({ strategy: 'clone' })
  await git(workspace.workDir, 'clone', '-q', upstream.path, 'build/fetched')
  await agentWrites(workspace, 'build/a.o', 'plain')
  await workspace.cleanup({ includeIgnored: ['build/**'] })
  const back = await manager.restore(workspace.key)
  expect(await contentOf(back, 'build/fetched/README.md')).toBe('one\n')
  expect(await contentOf(back, 'build/a.o')).toBe('plain')
})

async function addWork(workspace: Workspace, upstream: string): Promise<void> {
  const { workDir } = workspace
  await git(workDir, 'worktree', 'add', '-q', '-b', 'side', '.worktrees/x')
  await agentWrites(workspace, '.worktrees/x/work.txt', 'work')
  await git(workDir, 'worktree', 'add', '-q', '-b', 'other', 'moving')
  await agentWrites(workspace, 'moving/work.txt', 'work')
  await mkdir(join(workDir, 'build'))
  await rename(join(workDir, 'moving'), join(workDir, 'build/moved'))
  for (const name of ['n', 'fetched', 'own']) await git(workDir, 'clone', '-q', upstream, `build/${name}`)
  // Of this one nothing is its own but a file that is in no commit.
  await git(workDir, 'add', '-f', 'build/n')
  await agentWrites(workspace, 'build/n/work.txt', 'work')
  await agentWrites(workspace, 'build/own/work.txt', 'work')
  await git(join(workDir, 'build/own'), 'add', '.')
  await git(join(workDir, 'build/own'), 'commit', '-q', '-m', 'own')
  await git(workDir, 'clone', '-q', '--bare', upstream, 'build/bare')
  await git(join(workDir, 'build/bare'), 'worktree', 'add', '-q', '-b', 'own', '../../of-bare')
  await git(join(workDir, 'of-bare'), 'commit', '-q', '--allow-empty', '-m', 'own')
  await git(workDir, 'clone', '-q', upstream, 'build/lent')
  await git(join(workDir, 'build/lent'), 'worktree', 'add', '-q', '--detach', '../../of-lent')
  await agentWrites(workspace, 'of-lent/work.txt', 'work')
  await git(join(workDir, 'of-lent'), 'add', '.')
  // One without a branch of its own, and its worktree beside it.
  await git(workDir, 'init', '-q', '--bare', 'build/hub')
  await git(join(workDir, 'build/hub'), 'fetch', '-q', upstream, 'main:refs/remotes/origin/main')
  await git(join(workDir, 'build/hub'), 'worktree', 'add', '-q', '--detach', '../hub-wt', 'origin/main')
  await agentWrites(workspace, 'build/hub-wt/work.txt', 'work')
  await git(join(workDir, 'build/hub-wt'), 'add', '.')
  await git(workDir, 'clone', '-q', upstream, 'build/lender')
  await git(workDir, 'clone', '-q', '--shared', 'build/lender', 'borrows')
  await git(workDir, 'init', '-q', '--bare', 'bare')
  await git(workDir, 'push', '-q', './bare', 'HEAD:refs/heads/build/fix')
  await agentWrites(workspace, 'build/a.o', 'plain')
}
