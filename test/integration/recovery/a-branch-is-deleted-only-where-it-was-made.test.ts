import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { createBranch, deleteBranch } from '../../../src/strategies/branch.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'
import { lockRefs } from './waiting-git.js'

const BRANCH = 'agent/default/task'

interface Stage {
  readonly upstream: Upstream
  readonly at: Parameters<typeof createBranch>[1]
  readonly git: Git
}

/** A repository of the manager's own with the branch in it. */
async function makeStage(): Promise<Stage> {
  const upstream = await createUpstream(join(await temporaryDirectory(), 'mirror.git'))
  const commit = await upstream.head()
  const key = { envId: 'shop', taskId: 'task' }
  const at = { key, gitDir: upstream.path, owner: 'manager', branch: BRANCH, commit } as const
  const stage = { upstream, at, git: new Git({ gitTimeoutMs: 60_000 }) }
  await createBranch(stage.git, at)
  expect(await upstream.branches()).toEqual([BRANCH, 'main'])
  return stage
}

async function expectGone({ upstream }: Stage): Promise<void> {
  expect(await upstream.branches()).toEqual(['main'])
  expect(await readdir(join(upstream.path, 'refs/heads'))).toEqual(['main'])
  expect(await readdir(join(upstream.path, 'logs/refs/heads'))).toEqual([])
  await git(upstream.path, 'fsck', '--strict')
}

test('it goes without a process, with its reflog and its folders', async () => {
  const stage = await makeStage()
  const before = stage.git.processCount
  expect(await deleteBranch(stage.git, stage.at)).toBe('deleted')
  expect(stage.git.processCount).toBe(before)
  await expectGone(stage)
  expect(await deleteBranch(stage.git, stage.at)).toBe('kept')
})

test.each([
  ['packed', ['--all']],
  ['packed, and in a file too', ['--all', '--no-prune']],
])('it goes where it was %s', async (_how, options) => {
  const stage = await makeStage()
  await git(stage.upstream.path, 'pack-refs', ...options)
  expect(await deleteBranch(stage.git, stage.at)).toBe('deleted')
  expect(await stage.upstream.branches()).toEqual(['main'])
})

test('it stays where it has moved on', async () => {
  const { upstream, at, git } = await makeStage()
  await upstream.commit(BRANCH, { 'work.txt': 'work\n' })
  expect(await deleteBranch(git, at)).toBe('kept')
  expect(await upstream.branches()).toEqual([BRANCH, 'main'])
})

test('it is left to git where another git holds its lock', async () => {
  const { upstream, at, git } = await makeStage()
  await lockRefs(at, `update refs/heads/${BRANCH} ${at.commit}`)
  await expect(deleteBranch(git, at)).rejects.toMatchObject({ code: 'GIT_FAILED' })
  expect(await upstream.branches()).toEqual([BRANCH, 'main'])
})
