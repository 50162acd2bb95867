import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { SESSION_FORMAT } from '../../../src/model/session-record.js'
import { failureOf, KEY, newManager, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

let stage: Stage
let file: string
beforeEach(async () => {
  stage = await makeWarmStage()
  await stage.prepare()
  file = join(stage.layout.sessionsDir, 'task-1.json')
})

const stored = async () => JSON.parse(await readFile(file, 'utf8'))

/** Format 1 did not always say how the owner's machine was started. */
async function asFormat1(): Promise<void> {
  const { owner, ...record } = await stored()
  const { bootId: _, ...rest } = owner
  await writeFile(file, JSON.stringify({ ...record, formatVersion: 1, owner: rest, note: 'kept' }))
}

test('reading understands it and leaves the file alone', async () => {
  await asFormat1()
  const [record] = await newManager({ root: stage.root }).list()
  expect(record).toMatchObject({ ...KEY, state: 'ready', owner: { bootId: '', pid: process.pid } })
  expect((await stored()).formatVersion).toBe(1)
})

test('the next write has the known format, and keeps what it does not know', async () => {
  await asFormat1()
  await stage.manager.finish(KEY, 'succeeded')
  expect(await stored()).toMatchObject({
    formatVersion: SESSION_FORMAT,
    state: 'finished',
    note: 'kept',
    owner: { bootId: '' },
  })
})

test.each(['prepare', 'finish', 'cleanup'] as const)(
  'a newer format is refused by %s and left alone',
  async (verb) => {
    const newer = JSON.stringify({ ...(await stored()), formatVersion: SESSION_FORMAT + 1 })
    await writeFile(file, newer)
    const call = {
      prepare: () => stage.prepare(),
      finish: () => stage.manager.finish(KEY, 'failed'),
      cleanup: () => stage.manager.cleanup(KEY),
    }[verb]
    const { code, data, hint } = await failureOf(call())
    expect([code, data['formatVersion']]).toEqual(['RECORD_CORRUPT', SESSION_FORMAT + 1])
    expect(hint).toContain('Update git-task-isolation')
    expect(await readFile(file, 'utf8')).toBe(newer)
  },
)
