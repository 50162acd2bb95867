import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namesIn } from '../../../src/fs/presence.js'
import { SESSION_FORMAT } from '../../../src/model/session-record.js'
import { createCrashStage } from '../recovery/crash-stage.js'
import { failureOf, KEY } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

test.each(['preparing', 'checkout', 'ready'])(
  'one whose prepare was killed before "%s": it is undone, and the outcome is answered',
  async (step) => {
    const stage = await createCrashStage({ name: 'a worktree of a URL', strategy: 'worktree', source: 'url' })
    await stage.crash({ verb: 'prepare', operation: 'prepare', step })
    const [half] = await stage.manager.list()
    expect(half?.state).toMatch(/^(?:reserved|preparing)$/)
    const key = { envId: 'shop', taskId: 'task' }
    expect(await stage.manager.finish(key, 'failed')).toMatchObject({ state: 'finished', outcome: 'failed' })
    expect(await stage.manager.finish(key, 'failed')).toMatchObject({ state: 'finished', outcome: 'failed' })
    await stage.expectNothingLeft()
  },
)

test('one whose record cannot be read: that is set aside', async () => {
  const { manager, prepare, layout } = await makeWarmStage()
  await prepare()
  await writeFile(join(layout.sessionsDir, 'task-1.json'), '{"formatVersion": 2, "envId": "sh')
  expect(await manager.finish(KEY, 'succeeded')).toMatchObject({ ...KEY, state: 'finished' })
  expect((await namesIn(layout.sessionsDir))[0]).toContain('.unreadable-')
})

test('but a record of a newer format is refused, and left alone', async () => {
  const { manager, prepare, layout } = await makeWarmStage()
  await prepare()
  await writeFile(join(layout.sessionsDir, 'task-1.json'), `{"formatVersion": ${SESSION_FORMAT + 1}}`)
  expect((await failureOf(manager.finish(KEY, 'succeeded'))).code).toBe('RECORD_CORRUPT')
  expect(await namesIn(layout.sessionsDir)).toEqual(['task-1.json'])
})
