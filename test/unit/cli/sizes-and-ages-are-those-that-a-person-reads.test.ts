import { expect, it } from 'vitest'
import { count, formatAge, formatBytes } from '../../../src/cli/amounts.js'

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1_234_567, '1.23 MB'],
  [999_999, '1 MB'],
  [45_100_000_000, '45.1 GB'],
  [Number.MAX_SAFE_INTEGER, '9.01 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

it.each([
  ['2026-01-02T00:00:00.000Z', '0s'],
  ['2026-01-01T23:59:30.000Z', '30s'],
  ['2026-01-01T00:00:01.000Z', '23h'],
  ['2025-12-02T00:00:00.000Z', '31d'],
  ['2027-01-01T00:00:00.000Z', '0s'],
  ['no time at all', '-'],
  [undefined, '-'],
])('%s was so long ago: %s', (time, text) => {
  expect(formatAge(time, new Date('2026-01-02T00:00:00.000Z'))).toBe(text)
})

it('one is not many', () => {
  expect([count(1, 'task', 'tasks'), count(2, 'task', 'tasks')]).toEqual(['1 task', '2 tasks'])
})
