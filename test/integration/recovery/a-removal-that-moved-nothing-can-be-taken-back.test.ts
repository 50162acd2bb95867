import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentLayout } from '../../../src/model/layout.js'
import { failureOf } from '../verbs/stage.js'
import { type CrashStage, createCrashStage } from './crash-stage.js'

const KEY = { envId: 'shop', taskId: 'task' }

/** A cleanup was killed before it moved anything, and then the agent wrote one more file. */
async function killedBeforeItMoved(): Promise<{ stage: CrashStage; file: string }> {
  const stage = await createCrashStage({ name: 'a clone', strategy: 'clone', source: 'url' })
  const { workDir } = await stage.prepare()
  await stage.crash({ verb: 'cleanup', operation: 'cleanup', step: 'trash', onUnsavedWork: 'discard' })
  const file = join(workDir, 'later.txt')
  await writeFile(file, 'worth keeping\n')
  return { stage, file }
}

test('a prepare hands the workspace out again, with what was written since', async () => {
  const { stage, file } = await killedBeforeItMoved()
  expect((await stage.prepare()).reused).toBe(true)
  expect(await readFile(file, 'utf8')).toBe('worth keeping\n')
})

test('a sweep keeps it, and makes it usable again', async () => {
  const { stage } = await killedBeforeItMoved()
  const { decisions, failed } = await stage.manager.sweep()
  expect(failed).toBe(0)
  const decision = decisions.find(({ kind }) => kind === 'workspace')
  expect(decision).toMatchObject({ action: 'keep', reason: 'it has work that is saved nowhere, and stays' })
  expect((await stage.manager.get(KEY))?.session.state).toBe('ready')
})

test('a cleanup that is to lose nothing refuses, and one that may lose it removes it', async () => {
  const { stage } = await killedBeforeItMoved()
  expect((await failureOf(stage.manager.cleanup(KEY, { onUnsavedWork: 'refuse' }))).code).toBe('UNSAVED_WORK')
  expect((await stage.manager.cleanup(KEY, { onUnsavedWork: 'discard' })).action).toBe('removed')
  await stage.expectNothingLeft()
})

test('how the task ended can still be told', async () => {
  const { stage } = await killedBeforeItMoved()
  expect(await stage.manager.finish(KEY, 'failed')).toMatchObject({ state: 'removing', outcome: 'failed' })
  expect((await stage.manager.cleanup(KEY)).action).toBe('removed')
})

test('a failed task whose checkout is gone already is not called kept', async () => {
  const other = await createCrashStage({ name: 'a clone', strategy: 'clone', source: 'url' })
  await (await other.prepare()).finish('failed')
  await other.crash({ verb: 'cleanup', operation: 'cleanup', step: 'unregister', keepFailed: false })
  expect((await other.manager.cleanup(KEY)).action).toBe('removed')
  await other.expectNothingLeft()
})

test('the audit log tells of a removal that another call completed', async () => {
  const other = await createCrashStage({ name: 'a clone', strategy: 'clone', source: 'url' })
  await (await other.prepare()).finish('succeeded')
  await other.crash({ verb: 'cleanup', operation: 'cleanup', step: 'unregister' })
  await other.manager.sweep()
  const log = await readFile(environmentLayout(other.root, 'shop').auditFile, 'utf8')
  const entries: Record<string, unknown>[] = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const completed = entries.filter(({ event }) => event === 'cleanup.completed')
  expect(completed).toMatchObject([{ action: 'removed', task_id: 'task' }])
  expect(completed[0]?.['freed_bytes']).toBeGreaterThan(0)
})
