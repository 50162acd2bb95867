import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptiedTrash } from '../../helpers/emptied-trash.js'
import { tryGit } from '../../helpers/run-git.js'
import { isThere } from '../verbs/presence.js'
import { agentWrites, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { inDays, setRecordBack } from './set-back.js'

describe.each(['clone', 'worktree', 'directory'] as const)('%s', (strategy) => {
  test('at seven days it goes, and before that it stays', async () => {
    const { prepare, manager, root, layout } = await makeWarmStage()
    const workspace = await prepare({ strategy, ...(strategy === 'directory' && { source: undefined }) })
    await workspace.finish('succeeded')
    await setRecordBack(root, KEY, 6.9)
    expect((await manager.sweep()).decisions).toMatchObject([
      { key: KEY, action: 'keep', reason: 'finished 6 days ago, and kept for 7 days' },
    ])
    await setRecordBack(root, KEY, 7)
    const { decisions, removed, freedBytes } = await manager.sweep()
    expect(decisions).toMatchObject([
      { kind: 'workspace', key: KEY, action: 'remove', reason: 'finished 7 days ago, older than 7 days' },
    ])
    expect([removed, freedBytes > 0]).toEqual([1, true])
    expect(await isThere(workspace.rootDir)).toBe(false)
    expect(await manager.list()).toEqual([])
    expect(await emptiedTrash(layout.trashDir)).toEqual([])
    if (strategy === 'worktree')
      expect((await tryGit(layout.mirrorDir, 'for-each-ref', 'refs/heads/')).stdout).toBe('')
    expect((await manager.sweep()).decisions).toEqual([])
  })
})

test('failed ones stay until they have an age of their own', async () => {
  const { prepare, manager } = await makeWarmStage({ retention: { maxAgeDays: 2, failedMaxAgeDays: 5 } })
  await (await prepare()).finish('failed')
  await (await prepare({ taskId: 'task-2' })).finish('succeeded')
  const actions = async (days: number, options = {}) =>
    (await manager.sweep({ now: inDays(days), dryRun: true, ...options })).decisions.map(
      ({ action }) => action,
    )
  expect(await actions(1)).toEqual(['keep', 'keep'])
  expect(await actions(3)).toEqual(['keep', 'remove'])
  expect(await actions(3, { keepFailed: false })).toEqual(['remove', 'remove'])
  expect(await actions(3, { failedMaxAgeDays: 3 })).toEqual(['remove', 'remove'])
  expect(await actions(6)).toEqual(['remove', 'remove'])
  const { decisions } = await manager.sweep({ now: inDays(6) })
  expect(decisions[0]?.reason).toBe('failed 6 days ago, older than 5 days')
  expect(await manager.list()).toEqual([])
})

test('the age that an environment variable names is gone by', async () => {
  const { prepare, manager, root } = await makeWarmStage({ retention: { maxAgeDays: 3, keepFailed: false } })
  await (await prepare()).finish('failed')
  await setRecordBack(root, KEY, 3.5)
  expect((await manager.sweep()).removed).toBe(1)
})

test("of a task in the caller's own folder the folder stays", async () => {
  const { prepare, manager, upstream } = await makeWarmStage({}, { bare: false })
  const workspace = await prepare({ source: upstream.path, strategy: 'local' })
  await agentWrites(workspace, 'work.txt')
  await workspace.finish('succeeded')
  const { decisions } = await manager.sweep({ now: inDays(8) })
  expect(decisions).toMatchObject([
    { action: 'remove', reason: expect.stringContaining("caller's own folder stays") },
  ])
  expect(await isThere(join(upstream.path, 'work.txt'))).toBe(true)
  expect(await isThere(workspace.rootDir)).toBe(false)
  expect(await manager.list()).toEqual([])
})

test('one that is used again is new', async () => {
  const { prepare, manager, root } = await makeWarmStage()
  await (await prepare()).finish('succeeded')
  await setRecordBack(root, KEY, 30)
  await prepare()
  expect((await manager.sweep()).decisions).toMatchObject([
    { action: 'keep', reason: expect.stringMatching(/^it is ready, and its owner lives/) },
  ])
})

test('a policy that refuses keeps what has unsaved work, and says so', async () => {
  const { prepare, manager } = await makeWarmStage({ onUnsavedWork: 'refuse' })
  const workspace = await prepare()
  await agentWrites(workspace, 'work.txt')
  await workspace.finish('succeeded')
  const { decisions, failed } = await manager.sweep({ now: inDays(8) })
  expect(decisions).toMatchObject([{ action: 'keep', attention: 'needed' }])
  expect(decisions[0]?.reason).toMatch(/unsaved work: .*1 /)
  expect(failed).toBe(0)
  expect(await isThere(join(workspace.workDir, 'work.txt'))).toBe(true)
})
