import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { refusal } from './refusal.js'

// What was refused is told in the audit log; it is the only trace.
const newManager = async () => new WorkspaceManager({ root: await temporaryDirectory(), auditLog: false })

test('a task that differs from another only in case is refused', async () => {
  const manager = await newManager()
  await manager.prepare({ envId: 'shop', taskId: 'task' })
  const before = await snapshotTree(manager.root)
  const error = await refusal(() => manager.prepare({ envId: 'shop', taskId: 'Task' }))
  expect(['ID_INVALID', 'SESSION_TAKEN']).toContain(error.code)
  expect(error.message).toContain('shop/task')
  expect(await snapshotTree(manager.root)).toEqual(before)
})

test('so is a run, and a task that looks like another one with its run', async () => {
  const manager = await newManager()
  await manager.prepare({ envId: 'shop', taskId: 'task', runId: 'a' })
  const error = await refusal(() => manager.prepare({ envId: 'shop', taskId: 'task', runId: 'A' }))
  expect(error.code).toBe('SESSION_TAKEN')
  await manager.prepare({ envId: 'shop', taskId: 'task', runId: 'b' })
  await manager.prepare({ envId: 'shop', taskId: 'task' })
  expect(await manager.list()).toHaveLength(3)
})

test('a folder that no session knows is not shared either', async () => {
  const manager = await newManager()
  await manager.prepare({ envId: 'shop', taskId: 'other' })
  const orphan = join(manager.checkoutPath('shop'), 'tasks', 'Task')
  await mkdir(orphan)
  await writeFile(join(orphan, 'work.txt'), 'work\n')
  const before = await snapshotTree(manager.root)
  const error = await refusal(() => manager.prepare({ envId: 'shop', taskId: 'task' }))
  expect(error.code).toBe('SESSION_TAKEN')
  expect(await snapshotTree(manager.root)).toEqual(before)
})

test('an environment that differs from another only in case is refused', async () => {
  const manager = await newManager()
  await manager.prepare({ envId: 'shop', taskId: 'task' })
  const before = await snapshotTree(manager.root)
  const error = await refusal(() => manager.prepare({ envId: 'Shop', taskId: 'task' }))
  expect(error.toJSON()).toMatchObject({ code: 'ID_INVALID', data: { field: 'envId', existing: 'shop' } })
  expect(await snapshotTree(manager.root)).toEqual(before)
})

test('of two at once only one is made', async () => {
  const manager = await newManager()
  const keys = ['task', 'TASK', 'Task', 'tasK'].map((taskId) => ({ envId: 'shop', taskId }))
  const results = await Promise.allSettled(keys.map((key) => manager.prepare(key)))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'SESSION_TAKEN' })
  }
})
