import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { agentGit, failureOf, KEY, makeStage } from '../verbs/stage.js'

const other = { taskId: 'task-2', strategy: 'worktree' } as const

test('a branch that an agent is on without having committed to it', async () => {
  const { prepare } = await makeStage()
  const first = await prepare({ strategy: 'worktree' })
  await agentGit(first, 'checkout', '--quiet', '--orphan', 'fresh')
  const { code, data } = await failureOf(prepare({ ...other, branch: 'fresh' }))
  expect(code).toBe('BRANCH_TAKEN')
  expect(data['holder']).toBe('the branch "fresh" of the repository')
  expect((await prepare({ ...other, branch: 'fresh', onBranchTaken: 'suffix' })).branch).toBe('fresh-2')
})

test('a branch inside such a one, and one that such a one is inside of', async () => {
  const { prepare } = await makeStage()
  const first = await prepare({ strategy: 'worktree' })
  await agentGit(first, 'checkout', '--quiet', '--orphan', 'a/b')
  expect((await failureOf(prepare({ ...other, branch: 'a' }))).code).toBe('BRANCH_TAKEN')
  expect((await failureOf(prepare({ ...other, branch: 'a/b/c' }))).code).toBe('BRANCH_TAKEN')
})

test("the unborn branch of the caller's own repository", async () => {
  const { prepare, directory, upstream } = await makeStage()
  const path = join(directory, 'callers')
  await git(directory, 'clone', '--quiet', upstream.url, path)
  await git(path, 'checkout', '--quiet', '--orphan', 'fresh')
  const { code } = await failureOf(prepare({ ...other, envId: 'own', source: path, branch: 'fresh' }))
  expect(code).toBe('BRANCH_TAKEN')
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
