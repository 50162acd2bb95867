import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { isThere } from './presence.js'
import { agentWrites, CHECKOUTS, failureOf, KEY } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('at the end of its block it is cleaned up', async () => {
    const { manager, prepare } = await makeWarmStage()
    let rootDir = ''
    {
      await using workspace = await prepare({ strategy })
      rootDir = workspace.rootDir
      expect(await isThere(rootDir)).toBe(true)
    }
    expect(await isThere(rootDir)).toBe(false)
    expect(await manager.list()).toEqual([])
  })

  test("by the manager's policy: a failed task is kept, and so is unsaved work", async () => {
    const { prepare } = await makeWarmStage({ onUnsavedWork: 'refuse', retention: { keepFailed: true } })
    const failing = async (work: boolean) => {
      await using workspace = await prepare({ strategy, taskId: work ? 'task-1' : 'task-2' })
      if (work) await agentWrites(workspace, 'work.txt')
      else await workspace.finish('failed')
      return workspace.workDir
    }
    expect((await failureOf(failing(true))).code).toBe('UNSAVED_WORK')
    expect(await isThere(await failing(false))).toBe(true)
  })

  test("workspace.git() commits and pushes as the task's identity", async () => {
    const { prepare, upstream } = await makeWarmStage()
    const identity = { name: 'The Agent', email: 'agent@example.org' }
    const workspace = await prepare({ strategy, identity })
    await agentWrites(workspace, 'work.txt')
    const git = workspace.git()
    await git.add('.')
    await git.commit('Work')
    await git.push(['-u', 'origin', 'HEAD'])
    expect((await git.status()).isClean()).toBe(true)
    expect((await git.log()).latest).toMatchObject({ message: 'Work', author_email: 'agent@example.org' })
    expect(await upstream.git('log', '-1', '--format=%an', String(workspace.branch))).toBe('The Agent')
  })
})

test('its paths are those of the layout, and it cannot be changed', async () => {
  const { prepare, manager } = await makeWarmStage()
  const workspace = await prepare({ runId: 'r1' })
  const { rootDir } = workspace
  expect(rootDir).toBe(manager.checkoutPath('shop', 'task-1', 'r1'))
  expect(rootDir.endsWith('managed-repos/shop/tasks/task-1@r1')).toBe(true)
  const folders = ['workDir', 'outputDir', 'logsDir', 'stateDir'] as const
  expect(folders.map((name) => workspace[name])).toEqual(
    ['workdir', 'output', 'logs', 'state'].map((name) => join(rootDir, name)),
  )
  for (const name of folders) expect(await isThere(workspace[name])).toBe(true)
  expect(Object.isFrozen(workspace) && Object.isFrozen(workspace.env)).toBe(true)
  const verbs = [await workspace.refresh(), await workspace.finish('succeeded'), await workspace.cleanup()]
  expect(verbs).toMatchObject([{ action: 'up-to-date' }, { state: 'finished' }, { action: 'removed' }])
})

test('a manager at the end of its block is closed, and deletes nothing', async () => {
  const { root, upstream } = await makeWarmStage()
  let closed: WorkspaceManager
  let workDir = ''
  {
    await using manager = new WorkspaceManager({ root })
    closed = manager
    workDir = (await manager.prepare({ ...KEY, source: upstream.url })).workDir
  }
  expect((await failureOf(closed.list())).code).toBe('MANAGER_CLOSED')
  expect(await readFile(join(workDir, 'README.md'), 'utf8')).toBe('# Upstream\n')
})
