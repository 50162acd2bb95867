import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { namesIn } from '../../../src/fs/presence.js'
import { agentWrites, ENV, failureOf, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

it('by restore, sweep and doctor, and stays as it is', async () => {
  const { manager, layout, prepare } = await makeWarmStage()
  await agentWrites(await prepare(), 'work.txt')
  await manager.cleanup(KEY)
  const [name = ''] = await namesIn(layout.archivesDir)
  const path = join(layout.archivesDir, name)
  const record: object = JSON.parse(await readFile(path, 'utf8'))
  const newer = JSON.stringify({ ...record, formatVersion: 99 })
  await writeFile(path, newer)

  expect(await failureOf(manager.restore(KEY))).toMatchObject({
    code: 'RECORD_CORRUPT',
    data: { file: path, formatVersion: 99 },
  })
  // Neither of another run nor of a task whose name is longer.
  expect((await failureOf(manager.restore({ ...KEY, runId: '1' }))).code).toBe('WORKSPACE_MISSING')
  expect((await failureOf(manager.restore({ envId: ENV, taskId: 'task' }))).code).toBe('WORKSPACE_MISSING')
  const kept = { kind: 'archive', path, key: KEY, action: 'keep', attention: 'needed' }
  expect((await manager.sweep({ archiveMaxAgeDays: 0 })).decisions).toContainEqual(
    expect.objectContaining(kept),
  )
  expect((await manager.doctor({ mode: 'fix' })).findings).toContainEqual(
    expect.objectContaining({ path, key: KEY, level: 'problem', remedy: 'update' }),
  )
  await writeFile(path, '{"formatVersion": 1')
  expect((await failureOf(manager.restore(KEY))).code).toBe('RECORD_CORRUPT')
  expect((await manager.sweep({ archiveMaxAgeDays: 0 })).decisions).toContainEqual(
    expect.objectContaining({ ...kept, reason: expect.stringContaining('cannot be read') }),
  )
  expect(await readFile(path, 'utf8')).toBe('{"formatVersion": 1')
})
