import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ODD_REPOSITORIES } from './all-odd-repositories.js'
import { danglingHead, emptyRepository, ODD_FILE_NAMES, oddFileNames } from './odd-repositories.js'
import { git, tryGit } from './run-git.js'
import { removeTree, temporaryDirectory } from './temporary.js'
import { snapshotTree } from './tree-snapshot.js'
import { createUpstream } from './upstream.js'

describe('odd repositories', () => {
  test.each(ODD_REPOSITORIES)('%s: is sound and has a commit', async (_name, make) => {
    const upstream = await make(await temporaryDirectory())
    expect(await upstream.head()).toMatch(/^[0-9a-f]{40,64}$/)
    expect((await tryGit(upstream.path, 'fsck', '--strict')).code).toBe(0)
  })

  test('odd file names arrive as they are written', async () => {
    const upstream = await oddFileNames(await temporaryDirectory())
    const listed = await upstream.git('ls-tree', '-r', '-z', '--name-only', 'HEAD')
    expect(listed.split('\0').filter(Boolean).sort()).toEqual([...ODD_FILE_NAMES].sort())
  })

  test('an empty repository and a dangling HEAD have nothing at HEAD', async () => {
    for (const make of [emptyRepository, danglingHead]) {
      const upstream = await make(await temporaryDirectory())
      expect((await tryGit(upstream.path, 'rev-parse', '--verify', 'HEAD')).code).not.toBe(0)
    }
  })
})

describe('an upstream', () => {
  test('grows by commits on old and new branches', async () => {
    const upstream = await createUpstream(await temporaryDirectory(), { tags: ['v1'] })
    const first = await upstream.head()
    const second = await upstream.commit('main', { 'a.txt': 'a\n' })
    const side = await upstream.commit('side', { 'b.txt': 'b\n' })
    expect(await upstream.head()).toBe(second)
    expect(await upstream.git('rev-parse', 'side~1', 'main~1', 'v1')).toBe([second, first, first].join('\n'))
    expect(await upstream.head('side')).toBe(side)
    expect(await upstream.branches()).toEqual(['main', 'side'])
  })

  test('that is not bare stays clean when a commit is added', async () => {
    const upstream = await createUpstream(await temporaryDirectory(), { bare: false })
    await upstream.commit('main', { 'a.txt': 'a\n' })
    expect(await git(upstream.path, 'status', '--porcelain')).toBe('')
  })
})

test('a snapshot sees content, mode and what was ignored', async () => {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'kept'))
  await writeFile(join(directory, 'kept/file'), 'one')
  const before = await snapshotTree(directory)
  await writeFile(join(directory, 'new'), 'two')
  expect(await snapshotTree(directory, { ignore: ['new'] })).toEqual(before)
  await writeFile(join(directory, 'kept/file'), 'One')
  expect(await snapshotTree(directory, { ignore: ['new'] })).not.toEqual(before)
})

test('a read-only tree can be removed', async () => {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'a/b'), { recursive: true })
  await writeFile(join(directory, 'a/b/file'), '')
  await mkdir(join(directory, 'a/c'), { mode: 0o500 })
  await removeTree(join(directory, 'a'))
  await expect(access(join(directory, 'a'))).rejects.toThrow('ENOENT')
})
