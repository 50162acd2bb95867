import { expect, test } from 'vitest'
import { SharedLook } from '../../../src/fs/shared-look.js'

/** Looks that end when told, in the order in which they began. */
function stagedLooks() {
  const begun: PromiseWithResolvers[] = []
  const look = () => {
    const staged = withResolvers()
    begun.push(staged)
    return staged.promise
  }
  return { begun, look }
}

interface PromiseWithResolvers {
  readonly promise: Promise<string>
  readonly resolve: (value: string) => void
  readonly reject: (reason: unknown) => void
}

function withResolvers(): PromiseWithResolvers {
  let [resolve, reject]: [(value: string) => void, (reason: unknown) => void] = [
    () => undefined,
    () => undefined,
  ]
  const promise = new Promise<string>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}

test('those who ask while one is under way share the next', async () => {
  const looks = new SharedLook<string>()
  const { begun, look } = stagedLooks()
  const first = looks.at('here', look)
  const others = [looks.at('here', look), looks.at('here', look), looks.at('here', look)]
  expect(begun.length).toBe(1)
  begun[0]?.resolve('early')
  expect(await first).toBe('early')
  await expect.poll(() => begun.length).toBe(2)
  begun[1]?.resolve('late')
  expect(await Promise.all(others)).toEqual(['late', 'late', 'late'])
  const again = looks.at('here', look)
  begun[2]?.resolve('latest')
  expect(await again).toBe('latest')
  expect(begun.length).toBe(3)
})

test('a failure is that of its own callers only', async () => {
  const looks = new SharedLook<string>()
  const { begun, look } = stagedLooks()
  const first = looks.at('here', look)
  const second = looks.at('here', look)
  begun[0]?.reject(new Error('no'))
  await expect(first).rejects.toThrow('no')
  await expect.poll(() => begun.length).toBe(2)
  begun[1]?.resolve('yes')
  expect(await second).toBe('yes')
})

test('another place is looked at by itself', async () => {
  const looks = new SharedLook<string>()
  const { begun, look } = stagedLooks()
  const both = [looks.at('here', look), looks.at('there', look)]
  expect(begun.length).toBe(2)
  for (const [index, staged] of begun.entries()) staged.resolve(String(index))
  expect(await Promise.all(both)).toEqual(['0', '1'])
})
