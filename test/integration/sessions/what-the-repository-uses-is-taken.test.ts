import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare as prepareIn } from '../../../src/operations/prepare.js'
import { git } from '../../helpers/run-git.js'
import { agentGit, failureOf, KEY, makeStage } from '../verbs/stage.js'

const other = { taskId: 'task-2', strategy: 'worktree' } as const

test('a branch that an agent is on without having committed to it', async () => {
  const { prepare } = await makeStage()
  const first = await prepare({ strategy: 'worktree' })
  await agentGit(first, 'checkout', '--quiet', '--orphan', 'fresh')
  const { code, data } = await failureOf(prepare({ ...other, branch: 'fresh' }))
  expect(code).toBe('BRANCH_TAKEN')
  expect(data['holder']).toBe(`the session shop/task-1 (process ${process.pid} on ${hostname()})`)
  expect((await prepare({ ...other, branch: 'fresh', onBranchTaken: 'suffix' })).branch).toBe('fresh-2')
})

test('a branch inside such a one, and one that such a one is inside of', async () => {
  const { prepare } = await makeStage()
  const first = await prepare({ strategy: 'worktree' })
  await agentGit(first, 'checkout', '--quiet', '--orphan', 'a/b')
  expect((await failureOf(prepare({ ...other, branch: 'a' }))).code).toBe('BRANCH_TAKEN')
  expect((await failureOf(prepare({ ...other, branch: 'a/b/c' }))).code).toBe('BRANCH_TAKEN')
})

const HELD = 'the branch "held" is held by the session shop/task-1@2 (process '

test.each([
  ['a session of another environment', 'held', 'nothing'],
  ['the agent of one', 'own', 'a checkout'],
  ['one that has it while this one is made', 'held', 'late'],
] as const)('a branch of a shared repository that %s has', async (_, branch, then) => {
  const { root, upstream, prepare } = await makeStage({}, { bare: false })
  const request = { source: upstream.path, strategy: 'worktree' } as const
  const hold = () => prepare({ ...request, runId: '2', branch })
  const first = then === 'late' ? undefined : await hold()
  if (then === 'a checkout' && first) await agentGit(first, 'checkout', '--quiet', '--orphan', 'held')
  const services = openServices(parseManagerOptions({}, { root, parallelism: 2 }), [], {
    beforeStep: async (_operation, step) => {
      if (then === 'late' && step === 'checkout') await hold()
    },
  })
  const asked = parsePrepareRequest({ ...request, envId: 'other', taskId: 'task-1', branch: 'held' })
  const { code, message, data } = await failureOf(prepareIn(services, asked))
  expect(code).toBe('BRANCH_TAKEN')
  expect(message).toContain(HELD)
  expect(data['holderKey']).toEqual({ ...KEY, runId: '2' })
})

test('such a branch is taken also where nobody can say by whom', async () => {
  const { root, upstream, prepare } = await makeStage({}, { bare: false })
  const request = { source: upstream.path, strategy: 'worktree', branch: 'shop' } as const
  for (const envId of ['shop', 'other']) await prepare({ ...request, envId, branch: envId })
  const services = openServices(parseManagerOptions({}, { root, parallelism: 2 }), [])
  const refusal = Object.assign(new Error('EACCES: permission denied'), {
    code: 'EACCES',
    syscall: 'scandir',
  })
  vi.spyOn(services.store, 'list').mockRejectedValue(refusal)
  const asked = parsePrepareRequest({ ...request, envId: 'other', taskId: 'task-2' })
  const { code, data } = await failureOf(prepareIn(services, asked))
  expect([code, data]).toMatchObject(['BRANCH_TAKEN', { holder: 'the branch "shop" of the repository' }])
})

test("the unborn branch of the caller's own repository", async () => {
  const { prepare, directory, upstream } = await makeStage()
  const path = join(directory, 'callers')
  await git(directory, 'clone', '--quiet', upstream.url, path)
  await git(path, 'checkout', '--quiet', '--orphan', 'fresh')
  const request = { ...other, envId: 'own', source: path, branch: 'fresh' }
  const { code, data } = await failureOf(prepare(request))
  expect([code, data]).toMatchObject(['BRANCH_TAKEN', { holder: 'the branch "fresh" of the repository' }])
})

test.each(['a branch', false] as const)('a folder that is registered already, for %s', async (branch) => {
  const { prepare, layout } = await makeStage()
  const first = await prepare({ strategy: 'worktree', branch: false })
  await rm(first.rootDir, { recursive: true })
  await rm(join(layout.sessionsDir, `${KEY.taskId}.json`))
  const wanted = branch === false ? branch : 'some-branch'
  const { code, message, data } = await failureOf(prepare({ strategy: 'worktree', branch: wanted }))
  expect(code).toBe('SESSION_TAKEN')
  expect(message).toContain('is registered as the worktree')
  expect(String(data['holder'])).toContain(layout.mirrorDir)
})
