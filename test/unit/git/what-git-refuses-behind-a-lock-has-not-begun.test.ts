import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { plainGit, rejection, repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

// Only because of this may `Git.run` run such a command once more.

it('read-tree has written no file', async () => {
  const [cwd, workTree] = [await repositoryWithOneCommit(), await temporaryDirectory()]
  const indexFile = join(await temporaryDirectory(), 'index')
  await writeFile(`${indexFile}.lock`, '')
  const call = { cwd, workTree, indexFile, args: ['read-tree', '--reset', '-u', 'HEAD'] }
  await refused({ ...call, gitDir: join(cwd, '.git') })
  expect(await readdir(workTree)).toEqual([])
})

it('add has written no index, and no object', async () => {
  const cwd = await repositoryWithOneCommit()
  await writeFile(join(cwd, 'new.txt'), 'new\n')
  const before = plainGit(cwd, 'count-objects')
  await writeFile(join(cwd, '.git/index.lock'), '')
  await refused({ cwd, args: ['add', '-A'] })
  expect(plainGit(cwd, 'count-objects')).toBe(before)
})

it.each([
  {
    name: 'made or moved',
    lock: 'refs/heads/z.lock',
    changes: ['create refs/heads/a C', 'create refs/heads/z C'],
  },
  {
    name: 'deleted',
    lock: 'packed-refs.lock',
    changes: ['create refs/heads/a C', 'delete refs/heads/packed C'],
  },
  { name: 'that HEAD is on', lock: 'HEAD.lock', changes: ['create refs/heads/a C', 'update HEAD C C'] },
])('update-ref has changed no ref, of those $name', async ({ lock, changes }) => {
  const cwd = await repositoryWithOneCommit()
  plainGit(cwd, 'branch', 'packed')
  plainGit(cwd, 'pack-refs', '--all')
  const commit = plainGit(cwd, 'rev-parse', 'HEAD').trim()
  const before = plainGit(cwd, 'for-each-ref')
  await writeFile(join(cwd, '.git', lock), '')
  const input = `${changes.join('\n').replaceAll(' C', ` ${commit}`)}\n`
  await refused({ cwd, args: ['update-ref', '--stdin'], input })
  expect(plainGit(cwd, 'for-each-ref')).toBe(before)
})

it('symbolic-ref has not moved HEAD', async () => {
  const cwd = await repositoryWithOneCommit()
  await writeFile(join(cwd, '.git/HEAD.lock'), '')
  await refused({ cwd, args: ['symbolic-ref', 'HEAD', 'refs/heads/other'] })
  expect(plainGit(cwd, 'symbolic-ref', 'HEAD').trim()).toBe('refs/heads/main')
})

it('a fetch may have taken in refs; run again, it takes in the others', async () => {
  const [cwd, upstream] = [await repositoryWithOneCommit(), await repositoryWithOneCommit()]
  plainGit(upstream, 'branch', 'other')
  const lock = join(cwd, '.git/refs/remotes/origin/other.lock')
  await mkdir(join(lock, '..'), { recursive: true })
  await writeFile(lock, '')
  const network = { protocols: ['file' as const], url: upstream }
  const fetch = { cwd, network, args: ['fetch', '--', upstream, '+refs/heads/*:refs/remotes/origin/*'] }
  await refused(fetch)
  const taken = plainGit(cwd, 'for-each-ref', '--format=%(refname)', 'refs/remotes')
  expect(taken).not.toContain('other')
  await rm(lock)
  await new Git({ gitTimeoutMs: 5_000 }).run(fetch)
  const all = plainGit(cwd, 'for-each-ref', '--format=%(refname)', 'refs/remotes').trim().split('\n')
  expect(all).toEqual(['refs/remotes/origin/main', 'refs/remotes/origin/other'])
})

async function refused(call: Parameters<Git['run']>[0]): Promise<void> {
  const failed = await rejection(new Git({ gitTimeoutMs: 5_000 }).run(call))
  expect(failed.message).toContain('a lock of the repository is held')
}
