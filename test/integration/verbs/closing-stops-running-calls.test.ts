import { describe, expect, test } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { holdFetches } from '../mirror/held-fetch.js'
import { namesIn } from './presence.js'
import { agentCommits, agentGit, CHECKOUTS, ENV, failureOf, KEY, makeStage, newManager } from './stage.js'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('a prepare in its checkout leaves nothing half made', async () => {
    const { layout, manager, prepare } = await makeStage()
    await prepare({ strategy, taskId: 'task-0' })
    const before = await snapshotTree(layout.directory)
    let closing: Promise<void> | undefined
    manager.on('workspace.preparing', () => {
      closing = manager.close()
    })
    expect((await failureOf(prepare({ strategy }))).code).toBe('MANAGER_CLOSED')
    await closing
    const after = await snapshotTree(layout.directory)
    const news = Object.keys(after).filter((path) => !(path in before))
    expect(news.filter((path) => !path.startsWith('.git-task/mirror.git/'))).toEqual([])
    expect(news.filter((path) => /worktrees|refs\/heads/.test(path))).toEqual([])
  })

  test('a refresh in its fetch leaves the workspace as it was', async () => {
    const { directory, manager, prepare, upstream, root } = await makeStage()
    const server = await holdFetches(directory, 'later')
    const source = `${server.url}/upstream.git`
    const workspace = await prepare({ strategy, source })
    await upstream.commit('main', { 'later.txt': 'later\n' })
    const before = await snapshotTree(workspace.rootDir)
    server.hold()
    const refreshing = failureOf(workspace.refresh())
    await server.begun
    await manager.close()
    expect((await refreshing).code).toBe('MANAGER_CLOSED')
    expect(await snapshotTree(workspace.rootDir)).toEqual(before)
    server.letThrough()
    expect(await newManager({ root }).refresh(KEY)).toMatchObject({ action: 'updated' })
  })

  test('a cleanup that has only looked leaves the workspace', async () => {
    const { manager, prepare, root } = await makeStage({ onUnsavedWork: 'refuse' })
    const workspace = await prepare({ strategy })
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', 'origin', 'HEAD')
    manager.on('cleanup.started', () => void manager.close())
    expect((await failureOf(workspace.cleanup())).code).toBe('MANAGER_CLOSED')
    const later = newManager({ root })
    expect(await later.list()).toMatchObject([{ state: 'ready' }])
    expect(await later.cleanup(KEY)).toMatchObject({ action: 'removed' })
  })
})

test('twenty prepares on a cold environment all end, and leave no lock', async () => {
  const { layout, manager, prepare } = await makeStage()
  let closing: Promise<void> | undefined
  manager.once('mirror.created', () => {
    closing = manager.close()
  })
  const tasks = Array.from({ length: 20 }, (_, index) => `task-${index}`)
  const ends = await Promise.allSettled(tasks.map((taskId) => prepare({ taskId })))
  await closing
  for (const end of ends)
    if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'MANAGER_CLOSED' })
  expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(20)
  expect((await namesIn(layout.tasksDir)).filter((name) => name.startsWith('task'))).toEqual([])
  for (const folder of [layout.locksDir, layout.sessionsDir, layout.scratchDir, layout.indexesDir])
    expect(await namesIn(folder)).toEqual([])
})

test('further calls are refused, and a second close is none', async () => {
  const { manager, prepare } = await makeStage()
  const workspace = await prepare()
  await manager.close()
  await manager.close()
  const calls = [
    () => prepare(),
    () => manager.get(KEY),
    () => manager.list(),
    () => workspace.refresh(),
    () => workspace.finish('failed'),
    () => workspace.cleanup(),
    () => manager.cleanupAll(ENV),
    () => manager.withLock(ENV, async () => undefined),
  ]
  for (const call of calls) expect((await failureOf(call())).code).toBe('MANAGER_CLOSED')
  expect(manager.checkoutPath(ENV)).toContain(ENV)
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
})

test('an action under the lock can close its manager, which waits for all others', async () => {
  const { layout, manager } = await makeStage()
  const order: string[] = []
  const listed = manager.list().then(() => order.push('list'))
  const signal = await manager.withLock(ENV, async (held) => {
    await manager.close()
    order.push('closed')
    return held
  })
  await listed
  expect(order).toEqual(['list', 'closed'])
  expect(signal.aborted).toBe(true)
  expect(await namesIn(layout.locksDir)).toEqual([])
  expect((await failureOf(manager.list())).code).toBe('MANAGER_CLOSED')
})
