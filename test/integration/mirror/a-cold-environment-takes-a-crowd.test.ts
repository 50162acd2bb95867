import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { runTypeScript } from '../../helpers/run-program.js'
import { namesIn } from '../verbs/presence.js'
import { makeStage } from '../verbs/stage.js'

const child = fileURLToPath(new URL('prepare-many.ts', import.meta.url))
const tasks = Array.from({ length: 20 }, (_, index) => `task-${index}`)

test('20 prepares at once succeed, and leave nothing but the workspaces', async () => {
  const strategy = 'clone'
  const { layout, manager, prepare } = await makeStage()
  let created = 0
  manager.on('mirror.created', () => {
    created += 1
  })
  const warnings = vi.spyOn(process, 'emitWarning')
  onTestFinished(() => warnings.mockRestore())
  const workspaces = await Promise.all(tasks.map((taskId) => prepare({ strategy, taskId })))
  expect(created).toBe(1)
  expect(warnings).not.toHaveBeenCalled()
  for (const { workDir } of workspaces) expect(await git(workDir, 'status', '--porcelain')).toBe('')
  expect(await namesIn(layout.locksDir)).toEqual([])
  expect(await namesIn(layout.scratchDir)).toEqual([])
  expect((await namesIn(layout.managerDir)).filter((name) => name.includes('tmp-'))).toEqual([])
  const reports = await manager.cleanupAll('shop')
  expect(reports.map(({ action }) => action)).toEqual(tasks.map(() => 'removed'))
})

test('20 prepares at once from 3 processes succeed', async () => {
  const strategy = 'worktree'
  const { manager, root, upstream } = await makeStage()
  const runs = ['a', 'b', 'c'].map((prefix, index) =>
    runTypeScript(child, [root, upstream.url, strategy, prefix, index === 0 ? '6' : '7']),
  )
  const endings: string[] = []
  for (const { code, stdout, stderr } of await Promise.all(runs)) {
    expect(stderr).toBe('')
    expect(code).toBe(0)
    endings.push(...(JSON.parse(stdout) as string[]))
  }
  expect(endings.filter((ending) => !ending.startsWith(root))).toEqual([])
  expect(new Set(endings).size).toBe(20)
  for (const workDir of endings) expect(await git(workDir, 'status', '--porcelain')).toBe('')
  expect(await manager.list({ state: 'ready' })).toHaveLength(20)
})
