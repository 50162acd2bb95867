import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentCommits, failureOf, KEY, makeStage } from '../verbs/stage.js'

async function lost() {
  const stage = await makeStage({}, { bare: false })
  const request = { ...KEY, source: stage.upstream.path, strategy: 'worktree' } as const
  const workspace = await stage.manager.prepare(request)
  await agentCommits(workspace, 'work.txt')
  await rm(workspace.rootDir, { recursive: true })
  return { ...stage, request, workspace }
}

test('a prepare names the folder and the branch, each time', async () => {
  const { manager, request, workspace } = await lost()
  for (let time = 1; time <= 2; time += 1) {
    const { code, message, hint } = await failureOf(manager.prepare(request))
    expect(code).toBe('WORKSPACE_MISSING')
    expect(message).toContain(workspace.workDir)
    expect(message).toContain(`"${workspace.branch}"`)
    expect(hint).toContain('Clean it up, which keeps the branch')
  }
  expect(await manager.cleanup(KEY)).toMatchObject({ branch: { name: workspace.branch, deleted: false } })
  expect(await manager.prepare({ ...request, onBranchTaken: 'suffix' })).toMatchObject({ reused: false })
})

test('a prepare that may take the next branch goes on', async () => {
  const { manager, request, workspace } = await lost()
  const again = await manager.prepare({ ...request, onBranchTaken: 'suffix' })
  expect(again.branch).toBe(`${workspace.branch}-2`)
})

test('of a URL: what a prepare says helps, which it has no option for itself', async () => {
  const { prepare } = await makeStage({ onUnsavedWork: 'refuse' })
  const workspace = await prepare({ strategy: 'worktree' })
  await agentCommits(workspace, 'work.txt')
  await rm(workspace.rootDir, { recursive: true })
  const { code, message, hint } = await failureOf(prepare({ strategy: 'worktree' }))
  expect(code).toBe('UNSAVED_WORK')
  expect(message).toContain(workspace.workDir)
  expect(hint).toContain('Clean the workspace up with onUnsavedWork')
})

test("without its record, too, a cleanup names the registration in the caller's repository", async () => {
  const { manager, layout, upstream } = await lost()
  await rm(join(layout.sessionsDir, 'task-1.json'))
  const { action, reason } = await manager.cleanup(KEY)
  expect(action).toBe('absent')
  expect(reason).toContain(join(upstream.path, '.git', 'worktrees'))
})
