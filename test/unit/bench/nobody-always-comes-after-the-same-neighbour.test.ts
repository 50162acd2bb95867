import { expect, test } from 'vitest'
import { orderOfRound } from '../../../bench/round-order.js'

const all = ['a', 'b', 'c', 'd']
const rounds = Array.from({ length: 8 }, (_, round) => orderOfRound(all, round))

test('everybody takes part in every round, once', () => {
  for (const order of rounds) expect([...order].sort()).toEqual(all)
})

test('everybody is first, and last, in as many rounds as the others', () => {
  for (const position of [0, -1]) {
    const there = rounds.map((order) => order.at(position))
    for (const each of all) expect(there.filter((one) => one === each)).toHaveLength(2)
  }
})

test('everybody comes before a neighbour as often as after it', () => {
  const before = (one: string, other: string) =>
    rounds.filter((order) => order.indexOf(one) < order.indexOf(other)).length
  for (const [one, other] of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
    ['a', 'd'],
  ] as const)
    expect(before(one, other)).toBe(4)
})

test('nobody has no order', () => {
  expect(orderOfRound([], 3)).toEqual([])
})
