import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { ownersDir } from '../../../src/model/layout.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import type { Owner } from '../../../src/model/session-record.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import { currentOwner } from '../../../src/sessions/owner.js'
import { leaseFile, OwnerLease } from '../../../src/sessions/owner-lease.js'
import { failureOf, KEY, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const stranger: Owner = { host: 'elsewhere', pid: 4242, processStart: '1', id: 'a-stranger', bootId: '' }
const anHourAgo = () => Date.now() / 1000 - 3600

let stage: Stage
beforeEach(async () => {
  stage = await makeWarmStage()
})

/** Lets a workspace be one that a process on another host made. */
async function ownedElsewhere(): Promise<void> {
  await stage.prepare()
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, owner: stranger }))
  await mkdir(ownersDir(stage.root), { recursive: true })
}

async function strangersLease(): Promise<string> {
  const file = leaseFile(stage.root, stranger.id)
  await writeFile(file, JSON.stringify(stranger))
  return file
}

/** A prepare by a process that watches heartbeats closely. */
function prepareHere() {
  const settings = parseManagerOptions({}, { root: stage.root, parallelism: 2 })
  const lease = new OwnerLease(stage.root, { periodMs: 20, staleMs: 60_000 })
  const request = parsePrepareRequest({ ...KEY, source: stage.upstream.url })
  return prepare(openServices(settings, [], { lease }), request).finally(() => lease.close())
}

test('a fresh lease: the session is taken, and the holder is named', async () => {
  await ownedElsewhere()
  await strangersLease()
  const { code, data, message } = await failureOf(prepareHere())
  expect(code).toBe('SESSION_TAKEN')
  expect(data['holder']).toBe('process 4242 on elsewhere')
  expect(message).toContain('its owner is alive')
})

test('an expired lease: the workspace is adopted as it is', async () => {
  await ownedElsewhere()
  await utimes(await strangersLease(), anHourAgo(), anHourAgo())
  const { record, reused } = await prepareHere()
  expect(reused).toBe(true)
  expect(record.owner).toEqual(currentOwner())
})

test('a lease that was given up: the workspace is adopted', async () => {
  await ownedElsewhere()
  expect((await prepareHere()).reused).toBe(true)
})

test('an owner that finished its task holds nothing, alive or not', async () => {
  await stage.prepare()
  await stage.manager.finish(KEY, 'succeeded')
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, owner: stranger }))
  await strangersLease()
  expect((await prepareHere()).reused).toBe(true)
})

test('one lease for all managers and sessions of a process, gone when the last manager closes', async () => {
  await stage.prepare()
  await stage.prepare({ taskId: 'task-2' })
  const other = await makeWarmStage()
  await other.prepare()
  expect(await namesIn(ownersDir(stage.root))).toEqual([`${currentOwner().id}.json`])
  expect(JSON.parse(await readFile(leaseFile(stage.root, currentOwner().id), 'utf8'))).toEqual(currentOwner())
  const second = new OwnerLease(stage.root)
  await second.during(() => Promise.resolve())
  await stage.manager.close()
  expect(await namesIn(ownersDir(stage.root))).toHaveLength(1)
  await second.close()
  expect(await namesIn(ownersDir(stage.root))).toEqual([])
  expect(await namesIn(ownersDir(other.root))).toHaveLength(1)
})

test('a lock file of git is left alone while another host may be at work', async () => {
  await stage.prepare()
  const lock = join(stage.layout.mirrorDir, 'packed-refs.lock')
  await writeFile(lock, '')
  await mkdir(ownersDir(stage.root), { recursive: true })
  const lease = await strangersLease()
  await stage.manager.sweep()
  expect(await isPresent(lock)).toBe(true)
  await rm(lease)
  await stage.manager.sweep()
  expect(await isPresent(lock)).toBe(false)
})

test('a prepare that fails leaves no lease', async () => {
  await failureOf(stage.prepare({ baseRef: 'absent' }))
  expect(await namesIn(ownersDir(stage.root))).toEqual([])
})
