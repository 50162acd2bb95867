import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { failureOf, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await makeWarmStage()
})

test('a session: its message names the process that holds it', async () => {
  await stage.prepare()
  const { message, data, retryable } = await failureOf(stage.prepare({ ifExists: 'fail' }))
  expect(message).toContain(`(process ${process.pid} on `)
  expect(message).toContain(String(data['holder']))
  expect(retryable).toBe(false)
})

test('another branch: nothing can be finished, and what helps is said', async () => {
  await stage.prepare()
  const { code, hint, retryable } = await failureOf(stage.prepare({ branch: 'another' }))
  expect([code, retryable]).toEqual(['SESSION_TAKEN', false])
  expect(hint).toContain('Ask for the branch that it has')
})

test.each(['worktree', 'clone'] as const)('a checkout without a record (%s)', async (strategy) => {
  await stage.prepare({ strategy })
  await rm(join(stage.layout.sessionsDir, 'task-1.json'))
  const { code, hint, retryable } = await failureOf(stage.prepare({ strategy }))
  expect([code, retryable]).toEqual(['SESSION_TAKEN', false])
  expect(hint).not.toContain('Finish the session')
})

test('a registration without a record', async () => {
  const { rootDir } = await stage.prepare({ strategy: 'worktree' })
  await rm(join(stage.layout.sessionsDir, 'task-1.json'))
  await rm(rootDir, { recursive: true })
  const { message, hint, retryable } = await failureOf(stage.prepare({ strategy: 'worktree' }))
  expect(message).toContain('is registered as the worktree')
  expect(retryable).toBe(false)
  expect(hint).not.toContain('Finish the session')
})

test('a branch that would be a folder of branches: both are named', async () => {
  await stage.prepare({ strategy: 'worktree', taskId: 'run-1' })
  const { code, hint, data } = await failureOf(
    stage.prepare({ strategy: 'worktree', taskId: 'task-2', runId: '1' }),
  )
  expect(code).toBe('BRANCH_TAKEN')
  expect(hint).toContain('"agent/default/run-1" and "agent/default/run-1/task-task-2" cannot both exist')
  expect(data['inTheWay']).toBe('agent/default/run-1')
})

test('the same request with a suffixed branch is answered with the same workspace', async () => {
  const ask = (taskId: string, branch = 'feature/login') =>
    stage.prepare({ taskId, branch, onBranchTaken: 'suffix' })
  await ask('task-1')
  const second = await ask('task-2')
  expect(second.branch).toBe('feature/login-2')
  expect(await ask('task-2')).toMatchObject({ reused: true, branch: 'feature/login-2' })
  expect((await failureOf(ask('task-2', 'feature/log'))).code).toBe('SESSION_TAKEN')
  expect((await failureOf(ask('task-2', 'feature/login/2'))).code).toBe('SESSION_TAKEN')
})

test('the branch of a session that a newer version of this package has begun', async () => {
  await stage.prepare({ branch: 'feature/login' })
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, formatVersion: 99 }))
  const request = { taskId: 'task-2', branch: 'feature/login' }
  const { code, message } = await failureOf(stage.prepare(request))
  expect(code).toBe('BRANCH_TAKEN')
  expect(message).toContain(file)
  expect((await stage.prepare({ ...request, onBranchTaken: 'suffix' })).branch).toBe('feature/login-2')
})
