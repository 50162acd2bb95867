import { once } from 'node:events'
import { access, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withFileLock } from '../../../src/fs/locks.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { forgeLock } from './forged-lock.js'

const options = { timeoutMs: 1_000, purpose: 'test' }
const thief = { host: 'elsewhere.example', pid: 4711 }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function untilStopped(signal: AbortSignal): Promise<never> {
  vi.advanceTimersByTime(5_000)
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

test('a lock that is deleted by hand: its action is stopped and the call rejects', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  let reason: unknown
  const call = withFileLock(path, options, async (signal) => {
    await rm(path, { recursive: true })
    await untilStopped(signal).catch((error: unknown) => {
      reason = error
    })
    return 'did not notice'
  })
  await expect(call).rejects.toMatchObject({ code: 'TAMPERED', data: { path } })
  expect(reason).toMatchObject({ code: 'TAMPERED' })
})

test('a lock that is stolen: its action is stopped, the thief is named and its lock stays', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const call = withFileLock(path, options, async (signal) => {
    await rm(path, { recursive: true })
    await forgeLock(path, thief)
    return untilStopped(signal)
  })
  await expect(call).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', data: { holder: thief } })
  expect(await readdir(path)).toHaveLength(1)
})

test('a lock that was taken over and given back since is no deleted one', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const call = withFileLock(path, options, async (signal) => {
    await rm(path, { recursive: true })
    const woken = Date.now() + 61_000
    vi.spyOn(Date, 'now').mockReturnValue(woken)
    return untilStopped(signal)
  })
  await expect(call).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', data: { holder: null } })
})

test("a release never removes a thief's lock, even one made in the same directory", async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  let stolen = ''
  const call = withFileLock(path, options, async () => {
    for (const name of await readdir(path)) await rm(join(path, name))
    stolen = await forgeLock(path, thief)
    return 'finished in ignorance'
  })
  await expect(call).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', data: { holder: thief } })
  await access(stolen)
})

test('the caller may stop the action too, and the lock is given back', async () => {
  const folder = await temporaryDirectory()
  const caller = new AbortController()
  const call = withFileLock(join(folder, 'a.lock'), { ...options, signal: caller.signal }, (signal) => {
    caller.abort(new Error('enough'))
    return untilStopped(signal)
  })
  await expect(call).rejects.toThrow('enough')
  expect(await readdir(folder)).toEqual([])
})

test('a heartbeat that meets the release is not taken for a loss', async () => {
  const folder = await temporaryDirectory()
  for (let round = 0; round < 50; round++) {
    await withFileLock(join(folder, 'a.lock'), options, async () => {
      vi.advanceTimersByTime(5_000)
      for (let turn = 0; turn < round % 10; turn++) await new Promise(setImmediate)
    })
  }
  expect(await readdir(folder)).toEqual([])
})
