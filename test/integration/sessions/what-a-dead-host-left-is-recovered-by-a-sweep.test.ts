import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { leaseFile } from '../../../src/sessions/owner-lease.js'
import { forgeLock, shiftTimes } from '../../unit/fs/forged-lock.js'
import type { Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const AN_HOUR_MS = 3_600_000
const host = 'elsewhere.example'

let stage: Stage
let lock = ''
beforeEach(async () => {
  stage = await makeWarmStage()
  await stage.prepare()
  lock = join(stage.layout.locksDir, 'session-task-1.lock')
  await leftHalfMade()
  // The clock that does not jump runs faster, so that a watch takes a moment.
  const real = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => real() * 40)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** As if another host had died in the middle of a prepare, an hour ago. */
async function leftHalfMade(): Promise<void> {
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  const owner = { host, pid: 4242, processStart: '1', id: 'a-stranger', bootId: '' }
  await writeFile(file, JSON.stringify({ ...record, state: 'preparing', owner }))
  const lease = leaseFile(stage.root, owner.id)
  await mkdir(dirname(lease), { recursive: true })
  await writeFile(lease, JSON.stringify(owner))
  const anHourAgo = (Date.now() - AN_HOUR_MS) / 1000
  await utimes(lease, anHourAgo, anHourAgo)
  for (const path of [lock, stage.layout.environmentLock, stage.layout.fetchLock]) {
    await forgeLock(path, { host })
    await shiftTimes(path, -AN_HOUR_MS)
  }
}

test('its session is undone, and none of its locks stays', async () => {
  const { decisions, failed } = await stage.manager.sweep()
  expect(failed).toBe(0)
  const session = decisions.find(({ kind }) => kind === 'workspace')
  expect(session).toMatchObject({ action: 'remove', key: { taskId: 'task-1' } })
  expect(await namesIn(stage.layout.sessionsDir)).toEqual([])
  expect(await namesIn(stage.layout.locksDir)).toEqual([])
})

test('a lock whose heartbeat moves meanwhile stays, and so does its session', async () => {
  const times = [lock, stage.layout.environmentLock].map((path) => shiftTimes(path, -AN_HOUR_MS / 2))
  const beating = setInterval(() => void shiftTimes(lock, -AN_HOUR_MS + Math.random() * 60_000), 50)
  await Promise.all(times)
  const { decisions } = await stage.manager.sweep().finally(() => clearInterval(beating))
  const session = decisions.find(({ kind }) => kind === 'workspace')
  expect(session).toMatchObject({ action: 'keep', reason: 'somebody is at work on it' })
  expect(await isPresent(lock)).toBe(true)
})
