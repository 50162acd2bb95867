import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withPatientLock } from '../../../src/fs/lock-heartbeat.js'
import { LOCK_UPDATE_MS } from '../../../src/fs/lock-timing.js'
import { LockProcess } from '../../helpers/lock-process.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

async function heldByAnother() {
  const path = join(await temporaryDirectory(), 'some.lock')
  const holder = await LockProcess.start(path)
  const pid = await holder.hold()
  onTestFinished(() => {
    process.kill(pid, 'SIGKILL')
  })
  return { path, holder, pid }
}

test('a holder that was stopped is named when it has been silent for long enough', async () => {
  const { path, pid } = await heldByAnother()
  process.kill(pid, 'SIGSTOP')
  const call = withPatientLock(path, { timeoutMs: 200, purpose: 'fetch' }, () => Promise.resolve())
  await expect(call).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    message: expect.stringContaining(`${pid}`),
  })
})

test('one that gives signs of life is waited for, longer than it may be silent', async () => {
  const { path, holder } = await heldByAnother()
  let waited = 0
  const options = { timeoutMs: 2 * LOCK_UPDATE_MS, purpose: 'fetch' }
  const startedAt = performance.now()
  const call = withPatientLock(path, options, () => {
    waited = performance.now() - startedAt
    return Promise.resolve('done')
  })
  setTimeout(() => holder.tell({ do: 'release' }), options.timeoutMs + 1_000)
  expect(await call).toBe('done')
  expect(waited).toBeGreaterThan(options.timeoutMs)
})

test('a lock that nobody holds, but that something is in the way of, is waited for only so long', async () => {
  const path = join(await temporaryDirectory(), 'some.lock')
  const stray = join(path, '.DS_Store')
  await mkdir(path)
  await writeFile(stray, '')
  const call = withPatientLock(path, { timeoutMs: 200, purpose: 'fetch' }, () => Promise.resolve())
  await expect(call).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', data: { inTheWay: [stray] } })
})

test("a timeout inside the action is the action's own", async () => {
  const path = join(await temporaryDirectory(), 'free.lock')
  let runs = 0
  const call = withPatientLock(path, { timeoutMs: 200, purpose: 'fetch' }, () => {
    runs += 1
    return Promise.reject(Object.assign(new Error('own'), { code: 'LOCK_TIMEOUT' }))
  })
  await expect(call).rejects.toThrow('own')
  expect(runs).toBe(1)
})
