import { expect, test } from 'vitest'
import { fewAtATime } from '../../../src/fs/few-at-a-time.js'

const MANY = Array.from({ length: 100 }, (_, index) => index)

test('few are at work at the same time, and the answers keep their order', async () => {
  let [atWork, most] = [0, 0]
  const answers = await fewAtATime(MANY, async (value) => {
    atWork += 1
    most = Math.max(most, atWork)
    await new Promise(setImmediate)
    atWork -= 1
    return value * 2
  })
  expect(answers).toEqual(MANY.map((value) => value * 2))
  expect(most).toBe(16)
})

test('a signal ends it between two turns', async () => {
  const stop = new AbortController()
  const begun: number[] = []
  const call = fewAtATime(
    MANY,
    async (value) => {
      begun.push(value)
      stop.abort()
    },
    stop.signal,
  )
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  expect(begun).toHaveLength(16)
})
