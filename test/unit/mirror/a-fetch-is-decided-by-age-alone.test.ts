import { expect, test } from 'vitest'
import { decideFetch } from '../../../src/mirror/freshness.js'

const NOW = new Date('2024-05-06T12:00:00.000Z')
const ago = (ms: number) => new Date(NOW.getTime() - ms)
const at = (ms: number) => ago(ms).toISOString()
const prefer = (maxAgeMs: number) => ({ mode: 'prefer', maxAgeMs }) as const

test.each(['require', 'prefer'] as const)('%s: an age below the limit is young enough', (mode) => {
  const decide = (age: number, maxAgeMs: number) => decideFetch({ mode, maxAgeMs }, at(age), NOW, NOW)
  expect(decide(999, 1000)).toBe('use')
  expect(decide(1000, 1000)).toBe('fetch')
  expect(decide(1, 0)).toBe('fetch')
  expect(decideFetch({ mode, maxAgeMs: 1000 }, undefined, NOW, NOW)).toBe('fetch')
})

test('a fetch that began after the call is shared, one that began before is not', () => {
  expect(decideFetch(prefer(0), at(10), ago(20), NOW)).toBe('use')
  expect(decideFetch(prefer(0), at(20), ago(20), NOW)).toBe('use')
  expect(decideFetch(prefer(0), at(21), ago(20), NOW)).toBe('fetch')
})

test('a time in the future proves nothing', () => {
  expect(decideFetch(prefer(60_000), at(-1), NOW, NOW)).toBe('fetch')
  expect(decideFetch(prefer(0), at(-1), ago(20), NOW)).toBe('fetch')
})

test('a time that cannot be read is fetched again', () => {
  expect(decideFetch(prefer(60_000), 'yesterday', NOW, NOW)).toBe('fetch')
})

test('offline never fetches', () => {
  for (const fetchedAt of [undefined, at(1e12), at(-1e12)])
    expect(decideFetch({ mode: 'offline', maxAgeMs: 0 }, fetchedAt, NOW, NOW)).toBe('use')
})
