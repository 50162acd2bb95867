import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isThere } from '../verbs/presence.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { setRecordBack } from './set-back.js'

const MB = 1_000_000

test('as many as needed go, the oldest first, after their work was archived', async () => {
  const { prepare, manager, root } = await makeWarmStage()
  const workspaces = []
  for (const [index, taskId] of ['one', 'two', 'three'].entries()) {
    const workspace = await prepare({ taskId })
    await writeFile(join(workspace.outputDir, 'big'), Buffer.alloc(10 * MB, 1))
    await writeFile(join(workspace.workDir, 'work.txt'), randomBytes(2 * MB))
    await workspace.finish(taskId === 'two' ? 'failed' : 'succeeded')
    await setRecordBack(root, workspace.key, 6 - index)
    workspaces.push(workspace)
  }
  const { totalBytes } = await manager.diskUsage()
  expect((await manager.sweep({ maxTotalBytes: totalBytes + MB })).removed).toBe(0)
  const plan = await manager.sweep({ maxTotalBytes: totalBytes - MB, dryRun: true })
  const report = await manager.sweep({ maxTotalBytes: totalBytes - MB })
  const brief = ({ decisions }: typeof report) =>
    decisions.map(({ key, action }) => [key?.taskId, action]).sort()
  expect(brief(report)).toEqual(brief(plan))
  expect(brief(report)).toEqual([
    ['one', 'remove'],
    ['three', 'keep'],
    ['two', 'keep'],
  ])
  const decision = report.decisions.find(({ action }) => action === 'remove')
  expect(decision?.reason).toMatch(
    /^finished 6 days ago, the oldest of those left: .+ MB are used, more than/,
  )
  expect(decision?.bytes).toBeGreaterThan(10 * MB)
  // Room that was made, and taken again.
  expect(decision?.archivedBytes).toBeGreaterThan(2 * MB)
  expect(report.archivedBytes).toBe(decision?.archivedBytes)
  expect((await manager.archives({ envId: 'shop' })).map(({ taskId }) => taskId)).toEqual(['one'])
  // The failed one is the next in age, and kept for debugging.
  await manager.sweep({ maxTotalBytes: 1 })
  expect(await Promise.all(workspaces.map(({ rootDir }) => isThere(rootDir)))).toEqual([false, true, false])
})
