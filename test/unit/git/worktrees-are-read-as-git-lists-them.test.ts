import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMainBranch, readWorktrees } from '../../../src/git/worktree-list.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

async function repository(): Promise<{ directory: string; gitDir: string }> {
  const directory = await temporaryDirectory()
  await git(directory, 'init', '--quiet', '-b', 'main', 'repo')
  await git(join(directory, 'repo'), 'commit', '--quiet', '--allow-empty', '-m', 'First')
  return { directory, gitDir: join(directory, 'repo', '.git') }
}

/** What `git worktree list` says of all but the main one. */
async function asGitLists(gitDir: string): Promise<{ workDir: string; branch: string | undefined }[]> {
  const output = await git(gitDir, 'worktree', 'list', '--porcelain')
  return output
    .split('\n\n')
    .slice(1)
    .map((entry) => ({
      workDir: /^worktree (.+)$/m.exec(entry)?.[1] ?? '',
      branch: /^branch refs\/heads\/(.+)$/m.exec(entry)?.[1],
    }))
}

test('on a branch, detached, unborn, and with a folder that is gone', async () => {
  const { directory, gitDir } = await repository()
  await git(gitDir, 'worktree', 'add', '--quiet', '-b', 'agent/a', join(directory, 'on a branch'))
  await git(gitDir, 'worktree', 'add', '--quiet', '--detach', join(directory, 'detached'))
  await git(gitDir, 'worktree', 'add', '--quiet', '--detach', join(directory, 'unborn'))
  await git(join(directory, 'unborn'), 'checkout', '--quiet', '--orphan', 'nothing/yet')
  await git(gitDir, 'worktree', 'add', '--quiet', '-b', 'gone', join(directory, 'gone'))
  await rm(join(directory, 'gone'), { recursive: true })
  const read = (await readWorktrees(gitDir)).map(({ workDir, branch }) => ({ workDir, branch }))
  const listed = await asGitLists(gitDir)
  expect(listed).toHaveLength(4)
  const byFolder = (one: { workDir: string }, two: { workDir: string }) =>
    one.workDir < two.workDir ? -1 : 1
  expect(read.sort(byFolder)).toEqual(listed.sort(byFolder))
  expect(await readMainBranch(gitDir)).toBe('main')
})

test('what another command has half made, and what is no entry, is left out', async () => {
  const { directory, gitDir } = await repository()
  await git(gitDir, 'worktree', 'add', '--quiet', '--detach', join(directory, 'whole'))
  await mkdir(join(gitDir, 'worktrees', 'half'))
  await writeFile(join(gitDir, 'worktrees', 'half', 'gitdir'), '/somewhere/.git\n')
  await writeFile(join(gitDir, 'worktrees', 'no-folder'), 'text')
  await symlink(join(gitDir, 'worktrees', 'whole'), join(gitDir, 'worktrees', 'link'))
  await mkdir(join(gitDir, 'worktrees', 'odd', 'gitdir'), { recursive: true })
  expect((await readWorktrees(gitDir)).map(({ name }) => name).sort()).toEqual(['link', 'whole'])
})

test('what git has changed since an entry was last read is seen', async () => {
  const { directory, gitDir } = await repository()
  const folder = join(directory, 'moving')
  await git(gitDir, 'worktree', 'add', '--quiet', '-b', 'one', folder)
  // As if the entry had been left alone for long: then it is remembered.
  const later = () => new Date(Date.now() + 60_000)
  const branches = async () => (await readWorktrees(gitDir, later())).map(({ branch }) => branch)
  expect(await branches()).toEqual(['one'])
  expect(await branches()).toEqual(['one'])
  await git(folder, 'checkout', '--quiet', '--orphan', 'two')
  expect(await branches()).toEqual(['two'])
  await git(folder, 'checkout', '--quiet', '--detach', 'main')
  expect(await branches()).toEqual([undefined])
  await git(gitDir, 'worktree', 'remove', folder)
  expect(await branches()).toEqual([])
})

test('a repository without worktrees, and no repository', async () => {
  const { directory, gitDir } = await repository()
  expect(await readWorktrees(gitDir)).toEqual([])
  expect(await readWorktrees(join(directory, 'absent'))).toEqual([])
  expect(await readMainBranch(join(directory, 'absent'))).toBeUndefined()
})
