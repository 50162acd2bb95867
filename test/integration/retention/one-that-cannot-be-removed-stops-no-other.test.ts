import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isThere } from '../verbs/presence.js'
import { makeStage } from '../verbs/stage.js'
import { inDays } from './set-back.js'

test('each says why it stays, and the others go', async () => {
  const { prepare, manager, layout } = await makeStage()
  for (const taskId of ['one', 'two', 'three']) await (await prepare({ taskId })).finish('succeeded')
  const file = join(layout.sessionsDir, 'two.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, strategy: 'forgotten' }))
  const { decisions, removed, failed } = await manager.sweep({ now: inDays(8) })
  expect([removed, failed]).toEqual([2, 1])
  const failure = decisions.find(({ error }) => error !== undefined)
  expect(failure).toMatchObject({ key: { taskId: 'two' }, action: 'remove' })
  expect(failure?.error).toContain('STRATEGY_UNKNOWN')
  const there = await Promise.all(['one', 'two', 'three'].map((name) => isThere(join(layout.tasksDir, name))))
  expect(there).toEqual([false, true, false])
})

test('an abort ends it between two of them', async () => {
  const { prepare, manager } = await makeStage()
  for (const taskId of Array.from({ length: 8 }, (_, index) => `task-${index}`))
    await (await prepare({ taskId })).finish('succeeded')
  const controller = new AbortController()
  manager.once('cleanup.completed', () => controller.abort())
  const call = manager.sweep({ now: inDays(8), signal: controller.signal })
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  const left = (await manager.list()).length
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(8)
  await manager.sweep({ now: inDays(8) })
  expect(await manager.list()).toEqual([])
})
