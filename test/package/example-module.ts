import ts from 'typescript'
import type { Declared } from '../../scripts/reference/declarations.js'

export interface Example {
  /** Where it stands: `Manager.prepare`, or `Manager.prepare, its 2nd`. */
  readonly place: string
  readonly code: string
}

/** The examples of all exports, in their order. */
export function examplesIn(all: readonly Declared[]): Example[] {
  return all.flatMap(({ name, doc, members }) => [
    ...numbered(name, doc?.examples ?? []),
    ...members.flatMap((member) => numbered(`${name}.${member.name}`, member.doc?.examples ?? [])),
  ])
}

function numbered(place: string, examples: readonly string[]): Example[] {
  return examples.map((code, index) => ({
    place: index === 0 ? place : `${place}, its ${index + 1}nd`,
    code,
  }))
}

export interface Place {
  /** Stands for `/srv/agents`. */
  readonly root: string
  /** Stands for `https://example.org/shop.git`. */
  readonly source: string
  readonly exports: readonly string[]
}

/** What examples may use without making it: see the rule in example-rule.ts. */
const GIVEN = ['manager', 'source', 'key', 'workspace']

/**
 * An example as a module whose `run` runs it: with the imports it leaves out, with what it is given, and each
 * `// => value` as a comparison.
 */
export function moduleOf({ code }: Example, { root, source, exports }: Place): string {
  const lines = code
    .replaceAll('/srv/agents', root)
    .replaceAll('https://example.org/shop.git', source)
    .split('\n')
  const imports = lines.filter((line) => line.startsWith('import '))
  const body = lines.filter((line) => !line.startsWith('import ')).map(withComparison)
  const free = freeNames(code)
  const left = exports.filter((name) => free.has(name))
  const given = GIVEN.filter((name) => free.has(name))
  return [
    `import { ${left.join(', ')} } from 'git-task-isolation'`,
    `import { given, same } from './given.mjs'`,
    ...imports,
    'export async function run() {',
    ...(given.length === 0 ? [] : [`const { ${given.join(', ')} } = await given()`]),
    '{',
    ...body,
    '}',
    '}',
  ].join('\n')
}

function withComparison(line: string): string {
  const { indent, expression, value } =
    /^(?<indent> *)(?<expression>.+?) \/\/ => (?<value>.+)$/.exec(line)?.groups ?? {}
  return expression === undefined ? line : `${indent}same(${expression}, ${value})`
}

/** The names that the code uses and does not declare; the names of members and keys are none of them. */
function freeNames(code: string): ReadonlySet<string> {
  const used = new Set<string>()
  const declared = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node))
      (isDeclared(node) ? declared : isMemberName(node) ? undefined : used)?.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true))
  return new Set([...used].filter((name) => !declared.has(name)))
}

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node
  const isDeclaration =
    ts.isVariableDeclaration(parent) ||
    ts.isBindingElement(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isParameter(parent)
  return isDeclaration && parent.name === node
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  return (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) && parent.name === node
}
