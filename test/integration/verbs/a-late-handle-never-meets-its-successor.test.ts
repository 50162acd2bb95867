import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { beforeEach, expect, test } from 'vitest'
import { isThere } from './presence.js'
import { agentWrites, failureOf, KEY, type Stage } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

let stage: Stage
let [first, second]: Workspace[] = []
beforeEach(async () => {
  stage = await makeWarmStage()
  first = await stage.prepare()
  await first.cleanup()
  second = await stage.prepare()
  await agentWrites(second, 'work.txt')
})

async function expectUntouched(): Promise<void> {
  const [record] = await stage.manager.list()
  expect(record).toEqual(second?.session)
  expect(await isThere(join(String(second?.workDir), 'work.txt'))).toBe(true)
}

test('its finish is answered as that of a session that was released', async () => {
  expect(await first?.finish('failed')).toMatchObject({ ...KEY, state: 'finished', outcome: 'failed' })
  await expectUntouched()
  expect(await second?.finish('succeeded')).toMatchObject({ outcome: 'succeeded' })
})

test('its cleanup finds nothing, whatever it is to do with work', async () => {
  expect(await first?.cleanup({ outcome: 'failed', onUnsavedWork: 'discard' })).toMatchObject({
    action: 'absent',
  })
  await first?.[Symbol.asyncDispose]()
  await expectUntouched()
})

test('its refresh finds no workspace', async () => {
  expect((await failureOf(first?.refresh() ?? Promise.resolve())).code).toBe('WORKSPACE_MISSING')
  await expectUntouched()
})

test('nor does it meet a process that has adopted the workspace', async () => {
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  const owner = { host: 'elsewhere', pid: 4242, processStart: '1', id: 'a-stranger', bootId: '' }
  await writeFile(file, JSON.stringify({ ...record, owner }))
  expect(await second?.cleanup()).toMatchObject({ action: 'absent' })
  expect(await isThere(String(second?.workDir))).toBe(true)
})

test('a handle of the same workspace that was handed out again goes on', async () => {
  const again = await stage.prepare()
  expect(again.reused).toBe(true)
  expect(await second?.finish('succeeded')).toMatchObject({ outcome: 'succeeded' })
  expect(await again.cleanup({ onUnsavedWork: 'discard' })).toMatchObject({ action: 'removed' })
})

test('one that had ended is another session once it is handed out again', async () => {
  await second?.finish('failed')
  const [retry, shared] = [await stage.prepare(), await stage.prepare()]
  expect([retry.reused, shared.reused]).toEqual([true, true])
  expect(await second?.finish('failed')).toMatchObject({ strategy: 'none', state: 'finished' })
  expect(await second?.cleanup({ onUnsavedWork: 'discard' })).toMatchObject({ action: 'absent' })
  expect(await second?.cleanup({ dryRun: true })).toMatchObject({ action: 'absent' })
  expect((await failureOf(second?.refresh() ?? Promise.resolve())).code).toBe('WORKSPACE_MISSING')
  expect(await stage.manager.list()).toMatchObject([{ state: 'ready', owner: retry.session.owner }])
  expect(await retry.finish('succeeded')).toMatchObject({ outcome: 'succeeded' })
  expect(await shared.cleanup({ onUnsavedWork: 'discard' })).toMatchObject({ action: 'removed' })
})

test('the plain key means whoever has it', async () => {
  expect(await stage.manager.finish(first?.key ?? KEY, 'cancelled')).toMatchObject({ outcome: 'cancelled' })
  expect(await stage.manager.cleanup(KEY, { onUnsavedWork: 'discard' })).toMatchObject({ action: 'removed' })
  expect(await second?.cleanup()).toMatchObject({ action: 'absent' })
})
