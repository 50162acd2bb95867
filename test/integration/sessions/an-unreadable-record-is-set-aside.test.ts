import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { namesIn } from '../../../src/fs/presence.js'
import { SESSION_FORMAT } from '../../../src/model/session-record.js'
import { failureOf, KEY, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const TORN = '{"formatVersion": 2, "envId": "sh'

let stage: Stage
let warnings: string[]
beforeEach(async () => {
  stage = await makeWarmStage()
  warnings = []
  stage.manager.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`))
  await stage.prepare({ strategy: 'worktree' })
  await writeFile(join(stage.layout.sessionsDir, 'task-1.json'), TORN)
})

async function expectSetAside(): Promise<void> {
  const aside = (await namesIn(stage.layout.sessionsDir)).filter((name) => name.includes('.unreadable-'))
  expect(aside).toHaveLength(1)
  const [name = ''] = aside
  expect(await readFile(join(stage.layout.sessionsDir, name), 'utf8')).toBe(TORN)
  expect(warnings.join('\n')).toContain(
    `RECORD_CORRUPT the session's record cannot be read and was set aside`,
  )
}

test('a prepare keeps the checkout that is there and names it', async () => {
  const { code, message } = await failureOf(stage.prepare({ strategy: 'worktree' }))
  expect(code).toBe('SESSION_TAKEN')
  expect(message).toContain('a checkout without a record')
  await expectSetAside()
  expect(await namesIn(join(stage.layout.tasksDir, 'task-1', 'workdir'))).toContain('.git')
})

test('a prepare goes on where nothing of the task is there', async () => {
  await rm(join(stage.layout.tasksDir, 'task-1'), { recursive: true })
  await rm(join(stage.layout.mirrorDir, 'worktrees'), { recursive: true })
  await stage.prepare({ strategy: 'clone' })
  await expectSetAside()
})

test('a cleanup removes nothing, and says what it left', async () => {
  const report = await stage.manager.cleanup(KEY)
  expect(report.action).toBe('absent')
  expect(report.reason).toContain(join(stage.layout.tasksDir, 'task-1', 'workdir'))
  await expectSetAside()
})

describe('a sweep', () => {
  test('sets it aside, with a reason', async () => {
    const { decisions, failed } = await stage.manager.sweep()
    expect(failed).toBe(0)
    expect(decisions).toContainEqual(
      expect.objectContaining({ kind: 'workspace', key: KEY, action: 'keep', attention: 'needed' }),
    )
    await expectSetAside()
  })

  test('only says so when it plans', async () => {
    await stage.manager.sweep({ dryRun: true })
    expect(await readFile(join(stage.layout.sessionsDir, 'task-1.json'), 'utf8')).toBe(TORN)
  })

  test('leaves one of a newer format alone', async () => {
    const newer = JSON.stringify({ formatVersion: SESSION_FORMAT + 1 })
    await writeFile(join(stage.layout.sessionsDir, 'task-1.json'), newer)
    const { decisions } = await stage.manager.sweep()
    expect(decisions.map(({ reason }) => reason).join('\n')).toContain('a newer version')
    expect(await readFile(join(stage.layout.sessionsDir, 'task-1.json'), 'utf8')).toBe(newer)
  })
})
