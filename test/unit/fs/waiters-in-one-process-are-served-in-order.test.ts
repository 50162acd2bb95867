import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withFileLock } from '../../../src/fs/locks.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

test('100 waiters run one at a time in the order of their calls, and leave nothing', async () => {
  const folder = join(await temporaryDirectory(), 'locks')
  const [order, inside]: [number[], Set<number>] = [[], new Set()]
  let together = 0
  const visit = async (visitor: number) => {
    inside.add(visitor)
    together = Math.max(together, inside.size)
    order.push(visitor)
    await turn()
    inside.delete(visitor)
  }
  const options = { timeoutMs: 20_000, purpose: 'test' }
  const numbers = Array.from({ length: 100 }, (_, index) => index)
  await Promise.all(numbers.map((n) => withFileLock(join(folder, 'a.lock'), options, () => visit(n))))
  expect(order).toEqual(numbers)
  expect(together).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test('a waiter that gives up, or whose action fails, does not hold up those behind it', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const options = { timeoutMs: 10_000, purpose: 'test' }
  const impatience = new AbortController()
  const first = withFileLock(path, options, async () => {
    impatience.abort()
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
    throw new Error('failed on purpose')
  })
  const second = withFileLock(path, { ...options, signal: impatience.signal }, async () => 'never')
  const third = withFileLock(path, options, async () => 'served')
  await expect(first).rejects.toThrow('failed on purpose')
  expect(await third).toBe('served')
})
