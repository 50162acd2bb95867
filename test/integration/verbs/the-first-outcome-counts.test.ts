import { expect, test } from 'vitest'
import { isThere } from './presence.js'
import { agentWrites, failureOf, KEY, makeStage, newManager } from './stage.js'

test('finish records it, releases the session once, and leaves the workspace', async () => {
  const { manager, prepare } = await makeStage()
  const workspace = await prepare({ taskRunId: 'tr', workflowRunId: 'wr' })
  await agentWrites(workspace, 'work.txt')
  const released: unknown[] = []
  manager.on('session.released', (event) => released.push(event))
  const record = await workspace.finish('failed')
  expect(record).toMatchObject({ ...KEY, state: 'finished', outcome: 'failed' })
  expect(Date.parse(String(record.finishedAt))).toBeGreaterThanOrEqual(Date.parse(record.createdAt))
  expect(await manager.finish(KEY, 'succeeded')).toEqual(record)
  expect(released).toMatchObject([
    { key: KEY, outcome: 'failed', taskRunId: 'tr', workflowRunId: 'wr', workDir: workspace.workDir },
  ])
  expect(await isThere(`${workspace.workDir}/work.txt`)).toBe(true)
})

test('of many at once, in two managers, every caller is told the same', async () => {
  const { manager, prepare, root } = await makeStage()
  await prepare()
  const other = newManager({ root })
  const outcomes = ['succeeded', 'failed', 'cancelled', 'succeeded'] as const
  const records = await Promise.all(
    outcomes.map((outcome, index) => (index % 2 === 0 ? manager : other).finish(KEY, outcome)),
  )
  expect(new Set(records.map(({ outcome, finishedAt }) => `${outcome} ${finishedAt}`)).size).toBe(1)
})

test('what is not there cannot be finished, and nothing is made by trying', async () => {
  const { manager, root } = await makeStage()
  expect((await failureOf(manager.finish(KEY, 'failed'))).code).toBe('WORKSPACE_MISSING')
  expect(await isThere(root)).toBe(false)
})

test('a wrong outcome is refused by name', async () => {
  const { manager, prepare } = await makeStage()
  await prepare()
  const wrong = 'done' as 'failed'
  expect((await failureOf(manager.finish(KEY, wrong))).code).toBe('OPTIONS_INVALID')
})
