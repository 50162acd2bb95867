import { expect, test } from 'vitest'
import { branchCandidates } from '../../../src/model/branch-template.js'

const candidates = (wanted: string, branches: readonly string[]) =>
  branchCandidates(wanted, (name) => branches.includes(name), 3)

test('to the last one, where no part is a branch', () => {
  const expected = ['agent/default/t', 'agent/default/t-2', 'agent/default/t-3', 'agent/default/t-4']
  expect(candidates('agent/default/t', [])).toEqual(expected)
  expect(candidates('agent/default/t', ['agent/default/t', 'other'])).toEqual(expected)
  expect(candidates('t', ['t'])).toEqual(['t', 't-2', 't-3', 't-4'])
})

test.each([
  [['agent'], 'agent-2/default/t'],
  [['agent', 'agent-2'], 'agent-3/default/t'],
  [['agent/default'], 'agent/default-2/t'],
  [['agent', 'agent-2/default'], 'agent-2/default-2/t'],
])('to the folder that is one: with %j it is %s', (branches, first) => {
  expect(candidates('agent/default/t', branches)[0]).toBe(first)
})

test('and ends where every name of a part is a branch', () => {
  expect(candidates('a/t', ['a', 'a-2', 'a-3', 'a-4'])).toEqual(['a/t'])
})
