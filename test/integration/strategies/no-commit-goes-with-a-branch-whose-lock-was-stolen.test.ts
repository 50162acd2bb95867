import type * as Promises from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { removeBranchFile } from '../../../src/strategies/remove-branch-file.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

/** What somebody does right before the branch is taken away. */
let meanwhile: (() => Promise<unknown>) | undefined

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>()
  const interrupted = async (path: unknown) => {
    const act =
      String(path).endsWith('/agent/task') && !String(path).includes('logs/') ? meanwhile : undefined
    if (act === undefined) return
    meanwhile = undefined
    await act()
  }
  return {
    ...real,
    rename: async (from: string, to: string) => {
      await interrupted(from)
      return real.rename(from, to)
    },
    rm: async (path: string, options?: object) => {
      await interrupted(path)
      return real.rm(path, options)
    },
  }
})

let gitDir: string
let commit: string
let newer: string
beforeEach(async () => {
  gitDir = (await createUpstream(join(await temporaryDirectory(), 'repo.git'))).path
  commit = await git(gitDir, 'rev-parse', 'HEAD')
  newer = await git(gitDir, 'commit-tree', '-p', commit, '-m', 'newer', `${commit}^{tree}`)
  await git(gitDir, 'update-ref', 'refs/heads/agent/task', commit)
})

const lock = () => join(gitDir, 'refs/heads/agent/task.lock')
const remove = () => removeBranchFile({ gitDir, branch: 'agent/task', commit })

async function steal(): Promise<void> {
  expect(await isPresent(lock())).toBe(true)
  const { unlink } = await vi.importActual<typeof Promises>('node:fs/promises')
  await unlink(lock())
}

test('a commit that came right before the deletion is put back', async () => {
  meanwhile = async () => {
    await steal()
    await git(gitDir, 'update-ref', 'refs/heads/agent/task', newer)
  }
  expect(await remove()).toBe('unsure')
  expect(await git(gitDir, 'rev-parse', 'refs/heads/agent/task')).toBe(newer)
  expect((await namesIn(gitDir)).filter((name) => name.includes('.tmp-'))).toEqual([])
})

test('the lock that somebody else has by now is not taken away', async () => {
  const { writeFile } = await vi.importActual<typeof Promises>('node:fs/promises')
  meanwhile = async () => {
    await steal()
    await writeFile(lock(), '')
  }
  expect(await remove()).toBe('deleted')
  expect(await isPresent(lock())).toBe(true)
})

test('a branch that nobody touches goes with its reflog and its folders', async () => {
  expect(await remove()).toBe('deleted')
  expect(await git(gitDir, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')).toBe('main')
  expect(await isPresent(join(gitDir, 'refs/heads/agent'))).toBe(false)
})

test('one that is packed as well stays whole for git to delete', async () => {
  await git(gitDir, 'pack-refs', '--all')
  await git(gitDir, 'update-ref', 'refs/heads/agent/task', newer)
  await git(gitDir, 'update-ref', 'refs/heads/agent/task', commit)
  expect(await isPresent(join(gitDir, 'refs/heads/agent/task'))).toBe(true)
  expect(await remove()).toBe('unsure')
  expect(await git(gitDir, 'rev-parse', 'refs/heads/agent/task')).toBe(commit)
})

test('a reflog that cannot be taken away keeps no branch', async () => {
  const { mkdir, writeFile } = await vi.importActual<typeof Promises>('node:fs/promises')
  await mkdir(join(gitDir, 'logs/refs/heads'), { recursive: true })
  await writeFile(join(gitDir, 'logs/refs/heads/agent'), 'no folder')
  expect(await remove()).toBe('deleted')
  expect(await isPresent(join(gitDir, 'refs/heads/agent/task'))).toBe(false)
})
