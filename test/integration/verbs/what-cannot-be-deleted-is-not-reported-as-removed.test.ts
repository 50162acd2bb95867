import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { BackgroundDeletions, type Deletion } from '../../../src/fs/background-deletions.js'
import { setRecordBack } from '../retention/set-back.js'
import { makeWarmStage } from './warm-stage.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const DISCARD = { onUnsavedWork: 'discard' } as const

/** In the place of what is immutable, which not every system lets a test make. */
function deletionsThat(answer: (deletion: Deletion) => void): void {
  vi.spyOn(BackgroundDeletions.prototype, 'add').mockImplementation((deletion) => {
    deletion.onMeasured(4096)
    answer(deletion)
  })
}

test('what resists is told by a sweep, while its task is free', async () => {
  const { prepare, manager, root } = await makeWarmStage()
  const workspace = await prepare()
  await workspace.finish('succeeded')
  await setRecordBack(root, workspace.key, 100)
  deletionsThat(({ onFailure }) => onFailure(new Error('Operation not permitted')))
  const { decisions, removed, failed, freedBytes } = await manager.sweep({ envId: 'shop' })
  expect({ removed, failed, freedBytes }).toEqual({ removed: 0, failed: 1, freedBytes: 0 })
  expect(decisions.map(({ error }) => error)).toEqual([expect.stringContaining('could not be deleted')])
  expect((await prepare()).reused).toBe(false)
})

test('what is still being deleted is named by its place in the trash', async () => {
  const { prepare, layout } = await makeWarmStage()
  const workspace = await prepare()
  deletionsThat(() => undefined)
  const report = await workspace.cleanup(DISCARD)
  expect(report).toMatchObject({
    action: 'removed',
    trash: join(layout.trashDir, 'task-1'),
    freedBytes: 4096,
  })
})

test('what is deleted while a sweep waits is removed', async () => {
  const { prepare, manager, root } = await makeWarmStage()
  const workspace = await prepare()
  await workspace.finish('succeeded')
  await setRecordBack(root, workspace.key, 100)
  deletionsThat(({ onDeleted }) => onDeleted(4096))
  expect(await manager.sweep()).toMatchObject({ removed: 1, failed: 0, freedBytes: 4096 })
})
