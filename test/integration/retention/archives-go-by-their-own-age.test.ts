import { expect, test } from 'vitest'
import { agentWrites } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { inDays } from './set-back.js'

test('at thirty days an archive goes, whatever happened to its workspace', async () => {
  const { prepare, manager } = await makeWarmStage()
  for (const taskId of ['task-1', 'task-2']) {
    const workspace = await prepare({ taskId })
    await agentWrites(workspace, `${taskId}.txt`)
    await workspace.cleanup({ outcome: 'succeeded' })
  }
  const young = await manager.sweep({ now: inDays(29.9) })
  expect(young.decisions).toMatchObject([
    { kind: 'archive', action: 'keep', reason: 'archived 29 days ago, and kept for 30 days' },
    { kind: 'archive', action: 'keep' },
  ])
  const [first] = await manager.archives({ envId: 'shop', taskId: 'task-1' })
  const plan = await manager.sweep({ now: inDays(30.1), dryRun: true })
  expect(await manager.archives({ envId: 'shop' })).toHaveLength(2)
  const { decisions, removed, failed } = await manager.sweep({ now: inDays(30.1) })
  expect(decisions.map(({ action, reason }) => [action, reason])).toEqual(
    plan.decisions.map(({ action, reason }) => [action, reason]),
  )
  expect([removed, failed]).toEqual([2, 0])
  expect(decisions.map(({ path }) => path)).toContainEqual(
    expect.stringContaining(`${first?.archiveId}.json`),
  )
  expect(await manager.archives({ envId: 'shop' })).toEqual([])
  // Not even their repository is left for another sweep.
  expect((await manager.sweep({ now: inDays(30.1) })).decisions).toEqual([])
})

test('the age that a call names is gone by', async () => {
  const { prepare, manager } = await makeWarmStage({ retention: { archiveMaxAgeDays: 90 } })
  const workspace = await prepare()
  await agentWrites(workspace, 'work.txt')
  await workspace.cleanup()
  expect((await manager.sweep({ now: inDays(60) })).removed).toBe(0)
  expect((await manager.sweep({ now: inDays(60), archiveMaxAgeDays: 50 })).removed).toBe(1)
})
