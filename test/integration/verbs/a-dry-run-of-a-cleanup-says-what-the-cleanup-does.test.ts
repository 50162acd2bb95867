import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CleanupOptions, CleanupReport } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentWrites, failureOf, KEY, type Stage } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

interface Case {
  readonly name: string
  readonly make: (stage: Stage) => Promise<unknown>
  readonly options?: CleanupOptions
  readonly plan: Partial<CleanupReport>
}

const withWork = async (stage: Stage): Promise<void> => agentWrites(await stage.prepare(), 'new.txt')

async function halfMade(stage: Stage): Promise<void> {
  await stage.prepare({ source: undefined })
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, state: 'preparing' }))
}

const CASES: readonly Case[] = [
  { name: 'nothing', make: async () => undefined, plan: { action: 'absent' } },
  { name: 'a clean clone', make: (stage) => stage.prepare(), plan: { action: 'removed' } },
  { name: 'unsaved work', make: withWork, plan: { action: 'removed' } },
  {
    name: 'unsaved work that is discarded',
    make: withWork,
    options: { onUnsavedWork: 'discard', keep: 'artifacts' },
    plan: { action: 'removed' },
  },
  {
    name: 'unsaved work that is refused',
    make: withWork,
    options: { onUnsavedWork: 'refuse' },
    plan: { action: 'kept', error: 'UNSAVED_WORK' },
  },
  {
    name: 'a task that is said to have failed',
    make: withWork,
    options: { outcome: 'failed' },
    plan: { action: 'kept' },
  },
  {
    name: 'a failed task that is not kept',
    make: withWork,
    options: { outcome: 'failed', keepFailed: false },
    plan: { action: 'removed' },
  },
  { name: 'a half-made workspace', make: halfMade, plan: { action: 'removed' } },
  {
    name: "a folder of the caller's",
    make: (stage) => stage.prepare({ source: stage.directory, strategy: 'local' }),
    plan: { action: 'kept', reason: 'caller-owned' },
  },
  {
    name: 'a worktree that somebody has locked',
    make: async (stage) => {
      const { workDir } = await stage.prepare({ strategy: 'worktree' })
      await git(stage.layout.mirrorDir, 'worktree', 'unlock', workDir)
      await git(stage.layout.mirrorDir, 'worktree', 'lock', '--reason', 'mine', workDir)
    },
    plan: { action: 'kept', reason: 'somebody has locked the worktree: mine' },
  },
]

test.each(CASES)('$name', async ({ make, options = {}, plan: expected }) => {
  const stage = await makeWarmStage()
  await make(stage)
  const events: string[] = []
  stage.manager.on('cleanup.started', () => events.push('started'))
  const before = await snapshotTree(stage.directory)
  const plan = await stage.manager.cleanup(KEY, { ...options, dryRun: true })
  expect(plan).toMatchObject({ key: KEY, ...expected })
  expect(await snapshotTree(stage.directory)).toEqual(before)
  expect(events).toEqual([])
  if (plan.error !== undefined) {
    expect(await failureOf(stage.manager.cleanup(KEY, options))).toMatchObject({ code: plan.error })
    return
  }
  const deed = await stage.manager.cleanup(KEY, options)
  expect(deed).toMatchObject(
    plan.action === 'kept' ? { action: 'kept', reason: plan.reason } : { action: plan.action },
  )
  expect(deed.archive !== undefined).toBe(
    plan.unsavedWork !== undefined && options.onUnsavedWork === undefined,
  )
})

test('a dry run for a whole environment plans each, and a handle plans for its own workspace', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  await agentWrites(workspace, 'new.txt')
  await stage.prepare({ taskId: 'task-2' })
  const before = await snapshotTree(stage.root)
  const plans = await stage.manager.cleanupAll('shop', { dryRun: true, onUnsavedWork: 'refuse' })
  expect(plans).toMatchObject([
    { key: { taskId: 'task-1' }, action: 'kept', error: 'UNSAVED_WORK' },
    { key: { taskId: 'task-2' }, action: 'removed' },
  ])
  expect(await snapshotTree(stage.root)).toEqual(before)
  await stage.manager.cleanup(KEY, { onUnsavedWork: 'discard' })
  await stage.prepare()
  expect(await workspace.cleanup({ dryRun: true })).toMatchObject({ action: 'absent' })
  expect(await stage.manager.cleanup(KEY, { dryRun: true })).toMatchObject({ action: 'removed' })
})
