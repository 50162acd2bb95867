import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { type CrashStage, createCrashStage } from '../recovery/crash-stage.js'

const BRANCH = 'agent/default/task'

/** An environment whose prepare was killed: its record names the branch, which may not be there yet. */
async function killedBefore(step: string): Promise<CrashStage> {
  const stage = await createCrashStage({
    name: 'a worktree of a local path',
    strategy: 'worktree',
    source: 'path',
  })
  expect(await stage.crash({ verb: 'prepare', operation: 'prepare', step })).toBe('killed')
  return stage
}

test('one that another environment made meanwhile, and works on', async () => {
  const { manager, upstream, source } = await killedBefore('folders')
  const other = await manager.prepare({ envId: 'other', taskId: 'task', source, strategy: 'worktree' })
  expect(other.branch).toBe(BRANCH)
  await manager.sweep()
  expect(await git(other.workDir, 'rev-parse', '--verify', BRANCH)).toBe(await upstream.head())
})

test('one that another environment made, and nobody is on', async () => {
  const { manager, upstream, source } = await killedBefore('folders')
  const other = await manager.prepare({ envId: 'other', taskId: 'task', source, strategy: 'worktree' })
  await git(other.workDir, 'checkout', '--quiet', '--detach')
  await manager.sweep()
  expect(await upstream.branches()).toContain(BRANCH)
})

test('one that a person made by hand', async () => {
  const { manager, upstream } = await killedBefore('folders')
  await upstream.git('branch', BRANCH)
  await manager.sweep()
  expect(await upstream.branches()).toContain(BRANCH)
  expect(await manager.list()).toEqual([])
})

test('its own, once a person has checked it out', async () => {
  const { manager, upstream } = await killedBefore('files')
  await upstream.git('symbolic-ref', 'HEAD', `refs/heads/${BRANCH}`)
  await manager.sweep()
  expect(await upstream.branches()).toContain(BRANCH)
})

test('its own, once a person has a worktree on it', async () => {
  const { manager, root, upstream } = await killedBefore('files')
  await upstream.git('worktree', 'add', '--quiet', '--force', join(root, '..', 'by-hand'), BRANCH)
  await manager.sweep()
  expect(await upstream.branches()).toContain(BRANCH)
})

test('its own, once it was moved and moved back', async () => {
  const { manager, upstream } = await killedBefore('files')
  const head = await upstream.head()
  const moved = await upstream.commit('more', { 'more.txt': 'more\n' })
  await upstream.git('update-ref', '-m', 'there', `refs/heads/${BRANCH}`, moved)
  await upstream.git('update-ref', '-m', 'and back', `refs/heads/${BRANCH}`, head)
  await manager.sweep()
  expect(await upstream.branches()).toContain(BRANCH)
})

test('but not its own, as it was made', async () => {
  const { expectNothingLeft, manager, upstream } = await killedBefore('files')
  expect(await upstream.git('reflog', 'show', BRANCH)).toContain('git-task-isolation: prepared shop/task')
  await manager.sweep()
  expect(await upstream.branches()).toEqual(['main'])
  await expectNothingLeft()
})

test('nor in a repository that keeps no reflogs', async () => {
  const stage = await createCrashStage({
    name: 'a worktree of a local path',
    strategy: 'worktree',
    source: 'path',
  })
  await stage.upstream.git('config', 'core.logAllRefUpdates', 'false')
  await stage.crash({ verb: 'prepare', operation: 'prepare', step: 'files' })
  expect(await stage.upstream.branches()).toContain(BRANCH)
  await stage.manager.sweep()
  expect(await stage.upstream.branches()).toEqual(['main'])
})

test.each<[string, (log: string) => Promise<unknown>]>([
  ['is still empty', (log) => writeFile(log, '')],
  ['was never begun', (log) => rm(log)],
  [
    'could not be, for a folder in its place',
    (log) => rm(log).then(() => mkdir(join(log, 'old'), { recursive: true })),
  ],
])('nor one whose reflog %s', async (_what, change) => {
  const { manager, upstream } = await killedBefore('files')
  await change(join(upstream.path, '.git/logs/refs/heads', BRANCH))
  await manager.sweep()
  expect(await upstream.branches()).toEqual(['main'])
})

test('and a link in the place of its reflog is followed by nobody', async () => {
  const { manager, root, upstream } = await killedBefore('files')
  const log = join(upstream.path, '.git/logs/refs/heads', BRANCH)
  await rename(log, join(root, '..', 'elsewhere'))
  await symlink(join(root, '..', 'elsewhere'), log)
  expect(await manager.sweep()).toMatchObject({ failed: 0 })
  expect(await upstream.branches()).toContain(BRANCH)
})
