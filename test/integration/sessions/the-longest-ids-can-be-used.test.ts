import { expect, test } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const LONG = { taskId: 't'.repeat(100), runId: 'r'.repeat(100) }

test.each(['clone', 'worktree'])('a %s with ids of 100 characters', async (strategy) => {
  const { prepare, layout, manager } = await makeWarmStage()
  const workspace = await prepare({ ...LONG, strategy })
  const twin = await prepare({ ...LONG, runId: `${'r'.repeat(99)}s`, strategy })
  expect(twin.workDir).not.toBe(workspace.workDir)
  expect(await isPresent(workspace.workDir)).toBe(true)
  expect((await prepare({ ...LONG, strategy })).reused).toBe(true)
  for (const one of [workspace, twin]) await one.cleanup()
  expect(await manager.list()).toEqual([])
  expect(await namesIn(layout.locksDir)).toEqual([])
})
