// The rule for examples in doc comments:
//
// - Every exported class, function and constant has an `@example`, and so has every method of a class, and of the
//   interfaces that callers are handed (`Manager`, `Workspace`). A method without one is shown where its class's
//   interface declares it.
// - A type has an `@example`, or where that would only be noise an `@see {@link X}` to an export or `X.method` that has
//   one which shows it.
// - An example is code that compiles and runs as it stands. Imports from `git-task-isolation` may be left out.
//   `manager`, `source`, `key` and `workspace` are there (test/package/example-module.ts); `// => value` after an
//   expression says what it is, and is compared.

import ts from 'typescript'
import { type Declared, isValue } from '../../scripts/reference/declarations.js'

const HANDED_OUT = ['Manager', 'Workspace']

/** One sentence for each breach of the rule. */
export function breachesOf(all: readonly Declared[]): string[] {
  return all.filter(({ entries }) => entries.length > 0).flatMap((declared) => breachesOfOne(declared, all))
}

function breachesOfOne(declared: Declared, all: readonly Declared[]): string[] {
  const { name, doc } = declared
  const undocumented = doc?.text ? [] : [`${name} has no doc comment`]
  const unshown = isShown(declared, all) ? [] : [`${name} has no example`]
  return [...undocumented, ...unshown, ...methodBreaches(declared, all)]
}

function isShown(declared: Declared, all: readonly Declared[]): boolean {
  if ((declared.doc?.examples.length ?? 0) > 0) return true
  return !isValue(declared) && (declared.doc?.see ?? []).some((target) => hasExample(target, all))
}

function hasExample(target: string, all: readonly Declared[]): boolean {
  const { name, method } = /^(?<name>\w+)(?:\.(?<method>.+))?$/.exec(target)?.groups ?? {}
  const found = all.find((declared) => declared.name === name && declared.entries.length > 0)
  const doc = method === undefined ? found?.doc : found?.members.find((member) => member.name === method)?.doc
  return (doc?.examples.length ?? 0) > 0
}

function methodBreaches(declared: Declared, all: readonly Declared[]): string[] {
  if (!ts.isClassDeclaration(declared.node) && !HANDED_OUT.includes(declared.name)) return []
  const shownIn = [declared.name, ...implementedBy(declared.node)]
  return declared.members
    .filter(({ isMethod }) => isMethod)
    .filter(({ name }) => !shownIn.some((type) => hasExample(`${type}.${name}`, all)))
    .map(({ name }) => `${declared.name}.${name} has no example`)
}

function implementedBy(node: ts.Node): string[] {
  if (!ts.isClassDeclaration(node)) return []
  return (node.heritageClauses ?? []).flatMap(({ types }) =>
    types.map(({ expression }) => expression.getText()),
  )
}
