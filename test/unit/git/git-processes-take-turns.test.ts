import { describe, expect, it } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { Semaphore } from '../../../src/git/semaphore.js'
import { fakeGit } from './fake-git.js'

function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describe('a semaphore', () => {
  it('never lets more in than its limit, and keeps the order', async () => {
    const semaphore = new Semaphore(3)
    const order: number[] = []
    let inside = 0
    let most = 0
    const visit = (number: number) =>
      semaphore.run(async () => {
        order.push(number)
        most = Math.max(most, ++inside)
        await new Promise(setImmediate)
        inside--
      })
    await Promise.all(Array.from({ length: 20 }, (_, number) => visit(number)))
    expect(most).toBe(3)
    expect(order).toEqual(Array.from({ length: 20 }, (_, number) => number))
  })

  it('gives the place back after a failure', async () => {
    const semaphore = new Semaphore(1)
    await expect(semaphore.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(semaphore.run(async () => 'yes')).resolves.toBe('yes')
  })

  it('lets a waiting one give up without losing a place', async () => {
    const semaphore = new Semaphore(1)
    const { open, opened } = gate()
    const first = semaphore.run(() => opened)
    const controller = new AbortController()
    const second = semaphore.run(async () => 'second', controller.signal)
    const third = semaphore.run(async () => 'third')
    controller.abort()
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
    open()
    await first
    await expect(third).resolves.toBe('third')
    await expect(semaphore.run(async () => 'fourth')).resolves.toBe('fourth')
  })
})

it('a crowd of slow remotes does not keep local work waiting', async () => {
  const environment = await fakeGit('[ "$1" = fetch ] && exec sleep 30; echo local')
  const git = new Git({ gitTimeoutMs: 30_000, environment })
  const network = { protocols: ['ssh' as const], url: 'ssh://h/r' }
  const { signal, abort } = stopper()
  const crowd = Array.from({ length: 60 }, () => git.run({ args: ['fetch'], network, signal }))
  const ended = Promise.allSettled(crowd)
  // Enough time for the crowd to take every place it can get.
  await expect.poll(() => git.processCount, { timeout: 5_000 }).toBeGreaterThanOrEqual(8)
  await expect(git.run({ args: ['status'] })).resolves.toMatchObject({ stdout: 'local\n' })
  expect(git.processCount).toBeLessThan(60)
  abort()
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true)
})

function stopper() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
