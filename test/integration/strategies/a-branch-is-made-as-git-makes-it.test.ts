import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { createBranchFile } from '../../../src/strategies/branch-file.js'
import { git, tryGit } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

const now = new Date('2024-05-06T07:08:09Z')

let gitDir: string
let commit: string
beforeEach(async () => {
  const upstream = await createUpstream(join(await temporaryDirectory(), 'repo.git'))
  gitDir = upstream.path
  commit = await git(gitDir, 'rev-parse', 'HEAD')
  await git(gitDir, 'config', 'core.logAllRefUpdates', 'true')
})

const create = (branch: string) => createBranchFile({ gitDir, branch, commit, reason: 'prepared', now })

test('git finds it, with its reflog, and nothing wrong with it', async () => {
  expect(await create('agent/ä/task')).toBe('created')
  expect(await git(gitDir, 'rev-parse', 'agent/ä/task')).toBe(commit)
  expect(await git(gitDir, 'reflog', 'show', '--date=iso-strict', 'agent/ä/task')).toContain('prepared')
  expect(await git(gitDir, 'for-each-ref', '--format=%(refname)', 'refs/heads/agent')).toBe(
    'refs/heads/agent/ä/task',
  )
  await git(gitDir, 'fsck', '--strict')
  await git(gitDir, 'pack-refs', '--all')
  expect(await git(gitDir, 'rev-parse', 'agent/ä/task')).toBe(commit)
  await git(gitDir, 'branch', '-D', 'agent/ä/task')
})

test.each([
  ['the branch itself', 'taken'],
  ['a branch that would be a folder', 'taken/deeper'],
  ['branches inside of it', 'folder'],
])('in the way: %s, loose and packed', async (_what, branch) => {
  await git(gitDir, 'branch', 'taken')
  await git(gitDir, 'branch', 'folder/one')
  expect(await create(branch)).toBe('unsure')
  await git(gitDir, 'pack-refs', '--all')
  expect(await create(branch)).toBe('unsure')
  expect(await git(gitDir, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')).toBe(
    'folder/one\nmain\ntaken',
  )
  expect((await namesIn(join(gitDir, 'refs/heads'))).filter((name) => name.endsWith('.lock'))).toEqual([])
})

test('in the way: the lock of another git, which is left alone', async () => {
  const lock = join(gitDir, 'refs/heads/busy.lock')
  await writeFile(lock, '')
  expect(await create('busy')).toBe('unsure')
  expect(await isPresent(lock)).toBe(true)
})

test('in the way: an empty folder, which git itself would take away', async () => {
  await mkdir(join(gitDir, 'refs/heads/empty/deep'), { recursive: true })
  expect(await create('empty')).toBe('unsure')
  expect((await tryGit(gitDir, 'branch', 'empty')).code).toBe(0)
})

test('a folder in the place of the reflog keeps only the reflog out', async () => {
  await mkdir(join(gitDir, 'logs/refs/heads/x/deep'), { recursive: true })
  expect(await create('x')).toBe('created')
  expect(await git(gitDir, 'rev-parse', 'x')).toBe(commit)
})

test('of many that make the same one exactly one does', async () => {
  const results = await Promise.all(Array.from({ length: 50 }, () => create('same')))
  expect(results.filter((result) => result === 'created')).toHaveLength(1)
  expect((await readFile(join(gitDir, 'logs/refs/heads/same'), 'utf8')).split('\n')).toHaveLength(2)
})

test('of a branch and one inside of it at most one is made', async () => {
  for (let round = 0; round < 20; round += 1) {
    const results = await Promise.all([create(`r${round}`), create(`r${round}/x`)])
    expect(results.filter((result) => result === 'created').length).toBeLessThanOrEqual(1)
  }
  await git(gitDir, 'fsck')
})
