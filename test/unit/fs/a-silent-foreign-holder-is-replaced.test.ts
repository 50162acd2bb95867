import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withFileLock } from '../../../src/fs/locks.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { forgeLock, shiftTimes } from './forged-lock.js'

let [path, passedMs] = ['', 0]

beforeEach(async () => {
  path = join(await temporaryDirectory(), 'a.lock')
  await forgeLock(path, { host: 'elsewhere.example' })
  passedMs = 0
  const real = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => real() + passedMs)
})
afterEach(() => {
  vi.restoreAllMocks()
})

function take(timeoutMs: number): Promise<string> {
  return withFileLock(path, { timeoutMs, purpose: 'test' }, async () => 'taken')
}

/** Lets the clock that does not jump run this far ahead, in steps that a poll falls between. */
async function pass(ms: number, step: () => Promise<void> = async () => undefined): Promise<void> {
  for (const end = passedMs + ms; passedMs < end; ) {
    passedMs += 4_000
    await sleep(60)
    await step()
  }
}

test('a stale lock of another host is taken over once no heartbeat was seen for two periods', async () => {
  await shiftTimes(path, -61_000)
  await expect(take(300)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  const waiting = take(5_000)
  await sleep(60)
  await pass(12_000)
  expect(await waiting).toBe('taken')
})

test('a silent lock of another host is kept while it is younger than a minute', async () => {
  await shiftTimes(path, -30_000)
  const waiting = expect(take(450)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  await pass(20_000)
  await waiting
})

test('an old lock of another host is kept while its heartbeat moves', async () => {
  const waiting = expect(take(700)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  let age = -3_600_000
  await pass(30_000, () => {
    age += 4_000
    return shiftTimes(path, age)
  })
  await waiting
})

test('a lock whose times lie in the future is taken over after a minute of silence', async () => {
  await shiftTimes(path, 30_000)
  const waiting = take(5_000)
  await sleep(60)
  await pass(62_000)
  expect(await waiting).toBe('taken')
})

test('what one caller has seen the next one need not watch again', async () => {
  await shiftTimes(path, -61_000)
  await expect(take(200)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  passedMs += 6_000
  await expect(take(200)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  passedMs += 6_000
  expect(await take(200)).toBe('taken')
})

test('a heartbeat between two callers begins the watch anew', async () => {
  await shiftTimes(path, -61_000)
  await expect(take(200)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  passedMs += 12_000
  await shiftTimes(path, -60_500)
  await expect(take(200)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
})
