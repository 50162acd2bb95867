import type * as Promises from 'node:fs/promises'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { makeDirectories } from '../../../src/fs/make-directories.js'
import { kindOf } from '../../../src/fs/presence.js'
import { gitFailure } from '../../../src/git/failure.js'
import { Git, type GitResult } from '../../../src/git/git.js'
import { createBranch } from '../../../src/strategies/branch.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

/** The system refuses to make folders below this one. */
let full: string | undefined

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>()
  return {
    ...real,
    mkdir: async (path: string, options?: object) => {
      const isInside = full !== undefined && path.startsWith(`${full}/`)
      if (!isInside || (await kindOf(dirname(path))) === 'absent') return real.mkdir(path, options)
      throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC', syscall: 'mkdir', path })
    },
  }
})

let folder: string
beforeEach(async () => {
  full = undefined
  folder = await temporaryDirectory()
})

test('all that are missing are made, and those that are there are left alone', async () => {
  await makeDirectories(join(folder, 'a/b/c'))
  await writeFile(join(folder, 'a/b/file'), '')
  await makeDirectories(join(folder, 'a/b/d/e'))
  await makeDirectories(join(folder, 'a/b'))
  const kinds = ['a/b/c', 'a/b/d/e', 'a/b/file'].map((name) => kindOf(join(folder, name)))
  expect(await Promise.all(kinds)).toEqual(['directory', 'directory', 'file'])
})

test('made by many at once, each finds it made', async () => {
  const same = join(folder, 'a/b/c/d')
  await Promise.all(Array.from({ length: 20 }, () => makeDirectories(same)))
  expect(await kindOf(same)).toBe('directory')
})

test('a file in the way is told', async () => {
  await writeFile(join(folder, 'a'), '')
  await expect(makeDirectories(join(folder, 'a'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectories(join(folder, 'a/b/c'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test('a full disk is told as one, whichever folder it is that finds no room', async () => {
  await mkdir(join(folder, 'a'))
  full = join(folder, 'a')
  const path = join(folder, 'a/b')
  await expect(makeDirectories(join(path, 'c/d'))).rejects.toMatchObject({ code: 'ENOSPC', path })
  await expect(makeDirectories(path)).rejects.toMatchObject({ code: 'ENOSPC', path })
})

test('a git that cannot make a folder for a branch does not say why, and the system is asked', async () => {
  class FullGit extends Git {
    override run(): Promise<GitResult> {
      const stderr =
        "fatal: cannot lock ref 'refs/heads/agent/task': unable to create directory for agent/task\n"
      return Promise.reject(gitFailure({ command: 'git update-ref', code: 128, signal: null, stderr }))
    }
  }
  await mkdir(join(folder, 'refs/heads'), { recursive: true })
  const key = { envId: 'shop', taskId: 'task' }
  const commit = '1'.repeat(40)
  const create = () =>
    createBranch(new FullGit({ gitTimeoutMs: 1_000 }), { key, gitDir: folder, branch: 'agent/task', commit })
  await expect(create()).rejects.toMatchObject({ code: 'GIT_FAILED' })
  full = folder
  const path = join(folder, 'refs/heads/agent')
  await expect(create()).rejects.toMatchObject({ code: 'DISK_FULL', data: { path } })
  expect(await kindOf(path)).toBe('absent')
})
