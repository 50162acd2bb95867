import type * as Promises from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { createBranchFile } from '../../../src/strategies/branch-file.js'
import { removeBranchFile } from '../../../src/strategies/remove-branch-file.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

/** Nothing can be written any more to what has this in its path. */
let full: string | undefined

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>()
  const refuse = (path: unknown) => {
    if (full === undefined || !String(path).includes(full)) return
    throw Object.assign(new Error('ENOSPC: injected'), {
      code: 'ENOSPC',
      syscall: 'write',
      path: String(path),
    })
  }
  return {
    ...real,
    open: async (path: string, flags: string, mode: number) => {
      if (flags === 'wx') refuse(path)
      return real.open(path, flags, mode)
    },
    appendFile: async (path: string, data: string) => {
      await real.appendFile(path, full === undefined ? data : data.slice(0, 20))
      refuse(path)
    },
  }
})

const branch = 'agent/task'
let gitDir: string
let commit: string
beforeEach(async () => {
  full = undefined
  gitDir = (await createUpstream(join(await temporaryDirectory(), 'repo.git'))).path
  commit = await git(gitDir, 'rev-parse', 'HEAD')
})

const create = () => createBranchFile({ gitDir, branch, commit, reason: 'prepared', now: new Date(0) })
const temporaries = async () => (await namesIn(gitDir)).filter((name) => name.includes('.tmp-'))

test('a branch is deleted where no file can be made', async () => {
  expect(await create()).toBe('created')
  full = gitDir
  expect(await removeBranchFile({ gitDir, branch, commit })).toBe('deleted')
  expect(await isPresent(join(gitDir, 'refs/heads/agent'))).toBe(false)
  expect(await temporaries()).toEqual([])
})

test('one that is not there is not made for that', async () => {
  full = gitDir
  await expect(removeBranchFile({ gitDir, branch, commit })).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await temporaries()).toEqual([])
})

test('one whose reflog finds no room is taken back, with what there is of its reflog', async () => {
  full = 'logs/'
  await expect(create()).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await namesIn(join(gitDir, 'refs/heads/agent'))).toEqual([])
  const { readFile } = await vi.importActual<typeof Promises>('node:fs/promises')
  expect(await readFile(join(gitDir, 'logs/refs/heads', branch), 'utf8')).toBe('')
  expect(await temporaries()).toEqual([])
})
