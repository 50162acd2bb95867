import { once } from 'node:events'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { StoppedError } from '../../../src/errors/workspace-error.js'
import { withFileLock } from '../../../src/fs/locks.js'
import { LockProcess } from '../../helpers/lock-process.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { forgeLock } from './forged-lock.js'

const never = async () => {
  throw new Error('the action must not run')
}

test('at its deadline, naming the holder, in this process too', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const [taken, over] = [new AbortController(), new AbortController()]
  const holding = withFileLock(path, { timeoutMs: 1_000, purpose: 'fetch' }, async () => {
    taken.abort()
    await once(over.signal, 'abort')
  })
  await once(taken.signal, 'abort')
  await expect(withFileLock(path, { timeoutMs: 50, purpose: 'b' }, never)).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    retryable: true,
    message: expect.stringContaining(`process ${process.pid} on `),
    data: { path, purpose: 'b', holder: { pid: process.pid, purpose: 'fetch' } },
  })
  over.abort()
  await holding
})

test('when its signal is aborted, with the reason of the caller, and leaves no trace', async () => {
  const folder = await temporaryDirectory()
  const path = join(folder, 'a.lock')
  await forgeLock(path, {})
  const caller = new AbortController()
  const waiting = withFileLock(path, { timeoutMs: 10_000, purpose: 'b', signal: caller.signal }, never)
  setTimeout(() => caller.abort(new StoppedError('MANAGER_CLOSED', 'closed')), 60)
  await expect(waiting).rejects.toMatchObject({ code: 'MANAGER_CLOSED' })
  expect(await readdir(folder)).toEqual(['a.lock'])
  await expect(
    withFileLock(path, { timeoutMs: 10_000, purpose: 'b', signal: AbortSignal.abort() }, never),
  ).rejects.toMatchObject({ code: 'ABORTED' })
})

test('at once when the call already holds the lock, also through another lock and another name', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  // Longer than the test may take.
  const options = { timeoutMs: 600_000, purpose: 'environment' }
  const nested = withFileLock(path, options, () =>
    withFileLock(`${path}.inner.lock`, options, () => withFileLock(`${path}/../a.lock`, options, never)),
  )
  await expect(nested).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    retryable: false,
    hint: expect.stringContaining('already holds'),
  })
})

test('with the lock, for work that an action left behind after its release', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const options = { timeoutMs: 5_000, purpose: 'environment' }
  const released = new AbortController()
  const { later } = await withFileLock(path, options, async () => ({
    later: once(released.signal, 'abort').then(() => withFileLock(path, options, async () => 'served')),
  }))
  released.abort()
  expect(await later).toBe('served')
})

test('with the lock, when the parent folder vanishes meanwhile', async () => {
  const folder = join(await temporaryDirectory(), 'env', 'locks')
  const path = join(folder, 'a.lock')
  const holder = await LockProcess.start(path)
  onTestFinished(() => holder.end())
  await holder.hold()
  const waiting = withFileLock(path, { timeoutMs: 10_000, purpose: 'b' }, () => readdir(path))
  const attempt = withFileLock(path, { timeoutMs: 60, purpose: 'b' }, never)
  await expect(attempt).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  // A rename takes the whole folder away at once; a deletion would compete with the waiter.
  await rename(join(folder, '..'), `${folder.slice(0, -'/locks'.length)}.away`)
  expect(await waiting).toHaveLength(1)
})
