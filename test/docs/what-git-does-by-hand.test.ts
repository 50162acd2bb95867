import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git, tryGit } from '../helpers/run-git.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

// The README compares with these; git's own tests have the rest.
test('a removed worktree takes changes with it when forced, and its unnamed commits are left to gc', async () => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'shop.git'))
  const worktree = join(directory, 'task')
  await upstream.git('worktree', 'add', '--quiet', '--detach', worktree)
  await git(worktree, 'commit', '--quiet', '--allow-empty', '--message', 'On no branch')
  const commit = await git(worktree, 'rev-parse', 'HEAD')
  await writeFile(join(worktree, 'work.txt'), 'work')

  const refused = await tryGit(upstream.path, 'worktree', 'remove', worktree)
  expect(refused.code).not.toBe(0)
  expect(existsSync(join(worktree, 'work.txt'))).toBe(true)

  await upstream.git('worktree', 'remove', '--force', worktree)
  expect(existsSync(worktree)).toBe(false)
  expect(await upstream.git('for-each-ref', '--contains', commit)).toBe('')
  await upstream.git('gc', '--quiet', '--prune=now')
  expect((await tryGit(upstream.path, 'cat-file', '-e', commit)).code).not.toBe(0)
})

test('worktrees share branches, tags, the stash and configuration', async () => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'shop.git'))
  const [one, other] = [join(directory, 'one'), join(directory, 'other')]
  for (const worktree of [one, other]) await upstream.git('worktree', 'add', '--quiet', '--detach', worktree)
  await writeFile(join(one, 'README.md'), 'changed\n')
  await git(one, 'stash', 'push', '--quiet')
  await git(one, 'branch', 'mine')
  await git(one, 'tag', 'marked')
  await git(one, 'config', 'task.name', 'one')
  expect(await git(other, 'stash', 'list')).toContain('stash@{0}')
  expect(await git(other, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/mine', 'refs/tags')).toBe(
    'mine\nmarked',
  )
  expect(await git(other, 'config', 'task.name')).toBe('one')
})
