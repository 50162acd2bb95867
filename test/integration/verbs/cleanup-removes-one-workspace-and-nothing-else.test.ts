import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptiedTrash } from '../../helpers/emptied-trash.js'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere, namesIn } from './presence.js'
import { agentCommits, agentGit, CHECKOUTS, KEY, makeStage } from './stage.js'

describe.each([...CHECKOUTS, 'directory'])('with the strategy %s', (strategy) => {
  test('it is gone from the disk, the registry and the repository, and its neighbour is whole', async () => {
    const { layout, manager, prepare } = await makeStage()
    const neighbour = await prepare({ strategy, taskId: 'task-2' })
    const before = await snapshotTree(layout.directory, { ignore: ['.git-task/mirror.git/objects'] })
    const workspace = await prepare({ strategy })
    expect(await workspace.cleanup()).toMatchObject({ key: KEY, action: 'removed', reason: 'removed' })
    await emptiedTrash(layout.trashDir)
    const after = await snapshotTree(layout.directory, { ignore: ['.git-task/mirror.git/objects'] })
    expect(Object.keys(after).filter((path) => path.includes('task-1'))).toEqual([])
    expect(await manager.list()).toMatchObject([{ taskId: 'task-2' }])
    for (const [path, facts] of Object.entries(before))
      if (path.startsWith('tasks/')) expect([path, after[path]]).toEqual([path, facts])
    if (strategy !== 'directory') expect(await agentGit(neighbour, 'status', '--porcelain')).toBe('')
  })

  test('a second one finds nothing, and of many at once one removes it', async () => {
    const { manager, prepare } = await makeStage()
    await prepare({ strategy })
    const reports = await Promise.all(Array.from({ length: 5 }, () => manager.cleanup(KEY)))
    expect(reports.map(({ action }) => action).sort()).toEqual([...Array(4).fill('absent'), 'removed'])
    expect(await manager.cleanup(KEY)).toMatchObject({ key: KEY, action: 'absent' })
  })

  test("keep 'artifacts' keeps output and logs, and the next prepare finds them", async () => {
    const { prepare } = await makeStage()
    const workspace = await prepare({ strategy, taskFiles: { 'client.json': {} } })
    await writeFile(join(workspace.outputDir, 'result.txt'), 'result\n')
    await writeFile(join(workspace.logsDir, 'log.txt'), 'log\n')
    expect(await workspace.cleanup({ keep: 'artifacts' })).toMatchObject({ action: 'removed' })
    expect(await namesIn(workspace.rootDir)).toEqual(['logs', 'output'])
    expect(await workspace.cleanup()).toMatchObject({ action: 'absent' })
    const again = await prepare({ strategy })
    expect(again.reused).toBe(false)
    expect(await namesIn(again.outputDir)).toEqual(['result.txt'])
    expect(await namesIn(again.logsDir)).toEqual(['log.txt'])
  })

  test('a failed task is kept where that is the policy, and removed where it is not', async () => {
    const { prepare } = await makeStage({ retention: { keepFailed: true } })
    const workspace = await prepare({ strategy })
    expect(await workspace.cleanup({ outcome: 'failed' })).toMatchObject({ action: 'kept' })
    expect(await workspace.cleanup()).toMatchObject({ action: 'kept' })
    // The first outcome counts.
    expect(await workspace.cleanup({ outcome: 'succeeded' })).toMatchObject({ action: 'kept' })
    expect(await isThere(workspace.workDir)).toBe(true)
    expect(await workspace.cleanup({ keepFailed: false })).toMatchObject({ action: 'removed' })
    const second = await prepare({ strategy })
    const options = { outcome: 'cancelled', keepFailed: true } as const
    expect(await second.cleanup(options)).toMatchObject({ action: 'removed' })
  })
})

test('where nothing ever was, it makes nothing', async () => {
  const { manager, root } = await makeStage()
  expect(await manager.cleanup(KEY)).toMatchObject({ key: KEY, action: 'absent' })
  expect(await manager.cleanupAll('shop')).toEqual([])
  expect(await isThere(root)).toBe(false)
})

test('cleanupAll removes every workspace of one environment, and none of another', async () => {
  const { manager, prepare, layout } = await makeStage()
  for (const strategy of CHECKOUTS) await prepare({ strategy, taskId: `task-${strategy}` })
  await prepare({ runId: 'r1' })
  await manager.prepare({ envId: 'other', taskId: 'task-1' })
  const reports = await manager.cleanupAll('shop')
  expect(reports.map(({ action }) => action)).toEqual(['removed', 'removed', 'removed'])
  expect(reports.map(({ key }) => key)).toContainEqual({ ...KEY, runId: 'r1' })
  expect((await namesIn(layout.tasksDir)).filter((name) => name !== '.gitignore')).toEqual([])
  expect(await git(layout.mirrorDir, 'worktree', 'list', '--porcelain')).not.toContain('tasks/')
  expect(await manager.list()).toMatchObject([{ envId: 'other' }])
})

test('a worktree whose branch another task goes on with keeps that branch', async () => {
  const { layout, prepare } = await makeStage()
  const workspace = await prepare({ strategy: 'worktree' })
  await agentGit(workspace, 'checkout', '--quiet', '-b', 'side')
  const commit = await agentCommits(workspace, 'work.txt')
  await agentGit(workspace, 'checkout', '--quiet', '-')
  expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  expect(await git(layout.mirrorDir, 'rev-parse', 'refs/heads/side')).toBe(commit)
})
