import { execFile } from 'node:child_process'
import { link, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeWarmStage } from '../verbs/warm-stage.js'

const MB = 1_000_000

async function du(...paths: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['-sck', ...paths])
  return Number.parseInt(stdout.trim().split('\n').at(-1) ?? '', 10) * 1024
}

test('each workspace has its own bytes, the mirror those that all share', async () => {
  const { prepare, manager, layout } = await makeWarmStage()
  const shared = join(layout.mirrorDir, 'objects', 'pack', 'pack-1.pack')
  for (const taskId of ['one', 'two', 'three']) {
    const workspace = await prepare({ taskId })
    if (taskId === 'one') await writeFile(shared, Buffer.alloc(5 * MB, 1))
    await link(shared, join(workspace.workDir, '.git', 'objects', 'pack', 'pack-1.pack'))
  }
  const two = await manager.get({ envId: 'shop', taskId: 'two' })
  await writeFile(join(two?.outputDir ?? '', 'result'), Buffer.alloc(3 * MB, 1))
  await mkdir(join(layout.trashDir, 'gone'), { recursive: true })
  await writeFile(join(layout.trashDir, 'gone', 'file'), Buffer.alloc(2 * MB, 1))
  const report = await manager.diskUsage('shop')
  const [usage] = report.environments
  const bytes = Object.fromEntries(
    (usage?.workspaces ?? []).map((workspace) => [workspace.key.taskId, workspace.bytes]),
  )
  expect(Object.keys(bytes).sort()).toEqual(['one', 'three', 'two'])
  expect(bytes['two']).toBeGreaterThanOrEqual((bytes['one'] ?? 0) + 3 * MB)
  expect(bytes['two']).toBeLessThan((bytes['one'] ?? 0) + 3 * MB + 100_000)
  expect(usage?.trashBytes).toBeGreaterThanOrEqual(2 * MB)
  expect(usage?.mirrorBytes).toBe(await du(layout.mirrorDir))
  // Of what each takes alone, the pack is the mirror's.
  expect(bytes['one']).toBeLessThan((await du(join(layout.tasksDir, 'one'))) - 4 * MB)
  const folders = [layout.mirrorDir, layout.tasksDir, layout.trashDir, layout.managerDir]
  const parts = [usage?.mirrorBytes, usage?.archivesBytes, usage?.trashBytes, usage?.otherBytes]
  const sum = [...parts, ...Object.values(bytes)].reduce<number>((total, part) => total + (part ?? 0), 0)
  expect(usage?.totalBytes).toBe(sum)
  expect(report.totalBytes).toBe(sum)
  // Two folders that hold the others are no one's.
  expect(Math.abs(sum - (await du(...folders)))).toBeLessThan(20_000)
})

test('what is no workspace of ours is not spoken of, and what lost its record is', async () => {
  const { prepare, manager, layout } = await makeWarmStage()
  const workspace = await prepare({ strategy: 'directory', source: undefined })
  await mkdir(join(layout.tasksDir, 'build'))
  await writeFile(join(layout.tasksDir, 'README'), '')
  await mkdir(join(layout.tasksDir, 'lost', 'workdir'), { recursive: true })
  const { environments } = await manager.diskUsage()
  const found = environments[0]?.workspaces.map(({ key, path, state }) => [key.taskId, path, state])
  expect(found).toEqual([
    ['lost', join(layout.tasksDir, 'lost'), undefined],
    ['task-1', workspace.rootDir, 'ready'],
  ])
})

test('all environments are told of, each by itself, and one that does not exist is not', async () => {
  const { prepare, manager } = await makeWarmStage()
  await prepare()
  await prepare({ envId: 'zoo', source: undefined })
  const all = await manager.diskUsage()
  expect(all.environments.map(({ envId }) => envId)).toEqual(['shop', 'zoo'])
  expect(all.totalBytes).toBe(all.environments.reduce((sum, { totalBytes }) => sum + totalBytes, 0))
  expect((await manager.diskUsage('zoo')).environments).toMatchObject([{ envId: 'zoo', mirrorBytes: 0 }])
  expect(await manager.diskUsage('nowhere')).toEqual({ environments: [], totalBytes: 0 })
})

test('it can be called off', async () => {
  const { prepare, manager } = await makeWarmStage()
  await prepare()
  const call = manager.diskUsage('shop', { signal: AbortSignal.abort() })
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
})
