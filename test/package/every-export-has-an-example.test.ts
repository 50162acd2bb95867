import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { builtDeclarations, type Declared, declarationsOf } from '../../scripts/reference/declarations.js'
import { breachesOf } from './example-rule.js'

test('every export is documented, with an example or the way to one', () => {
  const all = builtDeclarations()
  expect(all.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['WorkspaceManager', 'describeStrategy']),
  )
  expect(breachesOf(all)).toEqual([])
})

const EXAMPLE = '@example\n * call()'

describe('the rule finds', () => {
  test.each([
    [
      'a function without a comment',
      'declare function call(): void',
      ['call has no doc comment', 'call has no example'],
    ],
    ['a constant without an example', '/** One. */\ndeclare const one: 1', ['one has no example']],
    [
      'a type that only names itself',
      '/** See.\n * @see {@link Own} */\ninterface Own {}',
      ['Own has no example'],
    ],
    [
      'a type that leads to a method without an example',
      `/** See.\n * @see {@link Handle.run} */\ntype Own = 1\n/** It.\n * ${EXAMPLE} */\ninterface Handle { run(): void }`,
      ['Own has no example'],
    ],
    [
      'a method of a class',
      `/** It.\n * ${EXAMPLE} */\ndeclare class It { run(): void }`,
      ['It.run has no example'],
    ],
  ])('%s', (_name, text, breaches) => {
    expect(breachesOf(declaredIn(text))).toEqual(breaches)
  })
})

function declaredIn(text: string): Declared[] {
  const file = ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.ES2022, true)
  return declarationsOf([file], () => ['the-package'])
}
