import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { withFileLock } from '../../../src/fs/locks.js'
import { isSameProcessAlive } from '../../../src/fs/process-identity.js'
import { LockProcess } from '../../helpers/lock-process.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { forgeLock, shiftTimes } from './forged-lock.js'

const HOUR_MS = 3_600_000

let [path, holder]: [string, LockProcess | undefined] = ['', undefined]

beforeAll(async () => {
  path = join(await temporaryDirectory(), 'a.lock')
  holder = await LockProcess.start(path)
})
afterAll(() => holder?.end())

async function heldByChild(): Promise<LockProcess> {
  if (holder === undefined) throw new Error('no child')
  await holder.hold()
  return holder
}

async function cannotBeTaken(path: string): Promise<void> {
  const attempt = withFileLock(path, { timeoutMs: 200, purpose: 'test' }, async () => 'two at once')
  await expect(attempt).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
}

/** The same for a waiter to whom minutes of silence seem to pass. */
async function cannotBeTakenInMinutes(path: string): Promise<void> {
  const real = performance.now.bind(performance)
  const startedAt = real()
  const clock = vi
    .spyOn(performance, 'now')
    .mockImplementation(() => startedAt + (real() - startedAt) * 1_000)
  await cannotBeTaken(path).finally(() => clock.mockRestore())
}

async function passesOnAfterRelease(path: string, holder: LockProcess): Promise<void> {
  const waiting = withFileLock(path, { timeoutMs: 10_000, purpose: 'test' }, async () => 'taken')
  holder.tell({ do: 'release' })
  await holder.next('released')
  expect(await waiting).toBe('taken')
}

test('a stopped holder keeps its lock, however old it looks, and goes on after SIGCONT', async () => {
  const holder = await heldByChild()
  holder.signal('SIGSTOP')
  await shiftTimes(path, -HOUR_MS)
  await cannotBeTakenInMinutes(path)
  holder.signal('SIGCONT')
  await passesOnAfterRelease(path, holder)
})

test('a holder with a blocked event loop keeps its lock, however old it looks', async () => {
  const holder = await heldByChild()
  holder.tell({ do: 'block', ms: 500 })
  await holder.next('blocking')
  await shiftTimes(path, -HOUR_MS)
  await cannotBeTakenInMinutes(path)
  await holder.next('unblocked')
  await passesOnAfterRelease(path, holder)
})

test.each([
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
])('a clock that jumps %s neither frees a lock nor takes it from its holder', async (_way, ms) => {
  const holder = await heldByChild()
  await shiftTimes(path, ms)
  await cannotBeTakenInMinutes(path)
  await passesOnAfterRelease(path, holder)
})

test.each([
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
])('a holder whose clock jumps %s goes on beating and keeps its lock', async (_way, ms) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const path = join(await temporaryDirectory(), 'a.lock')
  const stopped = withFileLock(path, { timeoutMs: 1_000, purpose: 'test' }, async (signal) => {
    for (const jump of [ms, -ms]) {
      await shiftTimes(path, -HOUR_MS)
      vi.setSystemTime(Date.now() + jump)
      await beaten(path)
    }
    return signal.aborted
  })
  expect(await stopped).toBe(false)
})

async function beaten(path: string): Promise<void> {
  const file = join(path, (await readdir(path))[0] ?? '')
  const before = (await stat(file)).mtimeMs
  vi.advanceTimersByTime(5_000)
  while ((await stat(file)).mtimeMs === before) await sleep(2)
}

test('a fresh lock of another host is kept, and the error names its holder', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const file = await forgeLock(path, { host: 'elsewhere.example', pid: 4711 })
  const attempt = withFileLock(path, { timeoutMs: 200, purpose: 'test' }, async () => 'two at once')
  await expect(attempt).rejects.toMatchObject({
    message: expect.stringContaining('process 4711 on elsewhere.example (forged'),
    data: { path, purpose: 'test', holder: { host: 'elsewhere.example', pid: 4711, purpose: 'forged' } },
  })
  await access(file)
})

test('a process in another container is never judged by its process id', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  await forgeLock(path, { bootId: '/12345/', pid: 2 ** 22 + 1 })
  await cannotBeTaken(path)
  const elsewhere = { host: 'elsewhere', bootId: '', pid: process.pid, processStart: '' }
  expect(isSameProcessAlive(elsewhere)).toBe('unknown')
})
