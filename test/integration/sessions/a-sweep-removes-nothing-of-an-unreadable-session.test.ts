import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { SESSION_FORMAT } from '../../../src/model/session-record.js'
import type { Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

let stage: Stage
let theirs: string[]
beforeEach(async () => {
  stage = await makeWarmStage()
  await stage.prepare({ strategy: 'worktree' })
  const { trashDir, indexesDir, mirrorDir } = stage.layout
  theirs = [
    join(trashDir, 'task-1'),
    join(indexesDir, 'task-1.index'),
    join(mirrorDir, 'git-task-staging-task-1-0123456789'),
  ]
  await mkdir(join(trashDir, 'task-1'), { recursive: true })
  await mkdir(theirs[2] ?? '')
  expect(await isPresent(theirs[1] ?? ''), 'the prepare left an index').toBe(true)
})

describe.each([
  ['a newer', JSON.stringify({ formatVersion: SESSION_FORMAT + 1, state: 'removing' })],
  ['a torn', '{"formatVersion": 2, "envId": "sh'],
])('%s record', (_what, text) => {
  test('keeps trash, index and registration, each with a reason', async () => {
    await writeFile(join(stage.layout.sessionsDir, 'task-1.json'), text)
    const { decisions, failed, removed } = await stage.manager.sweep()
    expect([failed, removed]).toEqual([0, 0])
    for (const path of theirs) {
      expect(await isPresent(path), path).toBe(true)
      expect(decisions).toContainEqual(
        expect.objectContaining({ path, action: 'keep', reason: expect.stringContaining('cannot be read') }),
      )
    }
  })

  test('keeps nothing of other sessions', async () => {
    await writeFile(join(stage.layout.sessionsDir, 'task-1.json'), text)
    const other = join(stage.layout.trashDir, 'task-2')
    await mkdir(other)
    await stage.manager.sweep()
    expect(await isPresent(other)).toBe(false)
  })
})
