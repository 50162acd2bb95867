import { expect, it } from 'vitest'
import { HeardSignals } from '../../../src/cli/stopped-by-signal.js'

it('the same signal shortly after the first is its echo; later, or another one, is a second', () => {
  const heard = new HeardSignals()
  expect(heard.first).toBeUndefined()
  expect(heard.hear('SIGINT', 1000)).toBe('first')
  expect(heard.hear('SIGINT', 1001)).toBe('echo')
  expect(heard.hear('SIGINT', 1499)).toBe('echo')
  expect(heard.hear('SIGTERM', 1002)).toBe('second')
  expect(heard.hear('SIGINT', 1500)).toBe('second')
  expect(heard.first).toBe('SIGINT')
})
