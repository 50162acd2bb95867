import { expect, test } from 'vitest'
import { median, ratioOf, spreadOf } from '../../../bench/statistics.js'

test('the median is the middle value, or the middle of the two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 2, 100])).toBe(3)
})

test('the quartiles hold half of all values between them', () => {
  expect(spreadOf([5, 1, 2, 3, 4])).toEqual({ median: 3, lowerQuartile: 2, upperQuartile: 4 })
})

test('the order of the values does not matter, and they are left in theirs', () => {
  const values = [3, 1, 2]
  expect(median(values)).toBe(2)
  expect(values).toEqual([3, 1, 2])
})

test('nothing measured has no spread', () => {
  expect(spreadOf([])).toBeUndefined()
  expect(ratioOf([], [1])).toBeUndefined()
  expect(ratioOf([1], [])).toBeUndefined()
})

test('a round that was slow for both changes no ratio', () => {
  expect(ratioOf([10, 1000, 20], [20, 2000, 40])).toEqual({
    median: 0.5,
    lowerQuartile: 0.5,
    upperQuartile: 0.5,
  })
})
