import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListOptions, SessionRecord } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { isThere } from './presence.js'
import { failureOf, KEY, makeStage, newManager } from './stage.js'

const names = (records: readonly SessionRecord[]) =>
  records.map(({ envId, taskId, runId }) => [envId, taskId, runId].filter(Boolean).join('/'))

test('get: the workspace by its key, in a later process as in this one', async () => {
  const { prepare, root } = await makeStage()
  const request = { runId: 'r1', taskRunId: 'tr', workflowRunId: 'wr', metadata: { a: 'b' } }
  const workspace = await prepare({ ...request, agentName: 'engineer' })
  const { reused: _, ...found } = { ...(await newManager({ root }).get({ ...KEY, runId: 'r1' })) }
  expect(found).toMatchObject({
    key: { ...KEY, runId: 'r1' },
    workDir: workspace.workDir,
    branch: workspace.branch,
    base: workspace.base,
    session: { ...request, state: 'ready', strategy: 'clone', agentName: 'engineer' },
  })
  expect(workspace.session.createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  expect(workspace.session.owner.pid).toBe(process.pid)
})

test('get: undefined for what is not there, and nothing is made by asking', async () => {
  const { manager, prepare, root } = await makeStage()
  expect(await manager.get(KEY)).toBeUndefined()
  expect(await manager.list()).toEqual([])
  expect(await manager.list({ envId: 'shop' })).toEqual([])
  expect(await isThere(root)).toBe(false)
  const workspace = await prepare()
  expect(await manager.get({ ...KEY, runId: 'r1' })).toBeUndefined()
  await rm(workspace.workDir, { recursive: true })
  expect(await manager.get(KEY)).toBeUndefined()
})

test('get: a finished workspace is still there, a removed one is not', async () => {
  const { manager, prepare } = await makeStage()
  const { key } = await prepare()
  await manager.finish(key, 'succeeded')
  expect(await manager.get(key)).toMatchObject({ session: { state: 'finished', outcome: 'succeeded' } })
  await manager.cleanup(key)
  expect(await manager.get(key)).toBeUndefined()
})

test('list: by environment, state and outcome, in the order of the keys', async () => {
  const { manager } = await makeStage()
  const keys = [
    { envId: 'b', taskId: 't2' },
    { envId: 'b', taskId: 't1' },
    { envId: 'a', taskId: 't3', runId: 'r' },
    { envId: 'a', taskId: 't3' },
  ]
  for (const key of keys) await manager.prepare(key)
  await manager.finish({ envId: 'b', taskId: 't1' }, 'succeeded')
  await manager.finish({ envId: 'a', taskId: 't3' }, 'failed')
  const listed = async (filter?: ListOptions) => names(await manager.list(filter))
  expect(await listed()).toEqual(['a/t3', 'a/t3/r', 'b/t1', 'b/t2'])
  expect(await listed({ envId: 'b' })).toEqual(['b/t1', 'b/t2'])
  expect(await listed({ state: 'ready' })).toEqual(['a/t3/r', 'b/t2'])
  expect(await listed({ state: 'finished', envId: 'b' })).toEqual(['b/t1'])
  expect(await listed({ outcome: 'failed' })).toEqual(['a/t3'])
  expect(await listed({ outcome: 'cancelled' })).toEqual([])
})

test('list: a record that cannot be read is said, left alone, and hides no other', async () => {
  const { layout, manager, prepare } = await makeStage()
  await prepare()
  const file = join(layout.sessionsDir, 'broken.json')
  await writeFile(file, '{ "formatVersion": 1')
  const warnings: unknown[] = []
  manager.on('warning', (event) => warnings.push(event))
  expect(names(await manager.list())).toEqual(['shop/task-1'])
  expect(warnings).toMatchObject([{ code: 'RECORD_CORRUPT', message: expect.stringContaining(file) }])
  expect((await failureOf(manager.get({ envId: 'shop', taskId: 'broken' }))).code).toBe('RECORD_CORRUPT')
  expect(await isThere(file)).toBe(true)
})

test('wrong filters and keys are refused by name', async () => {
  const { manager } = await makeStage()
  const wrong = { envid: 'a' } as ListOptions
  expect(await failureOf(manager.list(wrong))).toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining('envid'),
  })
  for (const envId of ['..', 'a/b', '']) {
    expect((await failureOf(manager.list({ envId }))).code).toBe('ID_INVALID')
    expect((await failureOf(manager.get({ envId, taskId: 't' }))).code).toBe('ID_INVALID')
  }
})
