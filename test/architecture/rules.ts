import ts from 'typescript'
import {
  BARRELS,
  CLI_MAY_IMPORT,
  DRAWERS,
  EVENTS_MAY_BE_IMPORTED_BY,
  FLOORS,
  MAX_LINES,
  SOLE_HOMES,
} from './house-rules.js'
import { importedPackage, importedPath, type SourceModule, walk } from './source-module.js'

/** A rule reads the modules and answers one sentence for each breach. */
export type Rule = (modules: readonly SourceModule[]) => string[]

export const importsGoDown: Rule = (modules) =>
  modules.flatMap((module) =>
    internalImports(module).flatMap((target) => describeUpwardImport(module.path, target)),
  )

export const everyFileHasAFloor: Rule = (modules) =>
  modules
    .filter(({ path }) => floorOf(roomOf(path)) === -1)
    .map(({ path }) => `${path} stands on no floor of the house`)

export const dependenciesStayAtHome: Rule = (modules) =>
  modules.flatMap((module) =>
    packagesOf(module)
      .filter((name) => !isBuiltInWithoutHome(name))
      .filter((name) => !startsWithAny(belowSrc(module.path), SOLE_HOMES[name] ?? []))
      .map((name) => `${module.path} imports ${name}, whose home is ${SOLE_HOMES[name] ?? 'not decided'}`),
  )

export const cliUsesThePublicSurface: Rule = (modules) =>
  modules
    .filter(({ path }) => roomOf(path) === 'cli')
    .flatMap((module) => [
      ...internalImports(module).filter((target) => roomOf(target) !== 'cli'),
      ...packagesOf(module).filter((name) => !name.startsWith('node:') && !CLI_MAY_IMPORT.includes(name)),
    ])
    .map((target) => `the cli imports ${target}`)

export const onlyOperationsEmitEvents: Rule = (modules) =>
  modules
    .filter(({ path }) => !startsWithAny(belowSrc(path), EVENTS_MAY_BE_IMPORTED_BY))
    .filter((module) => internalImports(module).some((target) => roomOf(target) === 'events'))
    .map(({ path }) => `${path} imports the events room`)

export const filesStaySmall: Rule = (modules) =>
  modules
    .map(({ path, text }) => ({ path, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines; the limit is ${MAX_LINES}`)

export const noEmptyCatch: Rule = (modules) =>
  modules.flatMap((module) => {
    let count = 0
    walk(module.syntax, (node) => {
      if (swallowsErrors(node)) count += 1
    })
    return count === 0 ? [] : [`${module.path} swallows errors in ${count} place(s)`]
  })

export const noDrawers: Rule = (modules) =>
  modules
    .filter(({ path }) => path.split('/').some((part) => DRAWERS.includes(part.replace(/\.ts$/, ''))))
    .map(({ path }) => `${path} is a drawer, not a room`)

export const noBarrels: Rule = (modules) =>
  modules
    .filter(({ path }) => !BARRELS.includes(path))
    .filter((module) => module.path.endsWith('/index.ts') || onlyReExports(module.syntax))
    .map(({ path }) => `${path} is a barrel`)

/** A file's room: its first folder below `src/`, or its own name for a file directly there. */
function roomOf(path: string): string {
  return belowSrc(path).split('/')[0] ?? ''
}

const belowSrc = (path: string) => path.replace(/^src\//, '')

const floorOf = (room: string) => FLOORS.findIndex((rooms: readonly string[]) => rooms.includes(room))

const startsWithAny = (path: string, prefixes: readonly string[]) =>
  prefixes.some((prefix) => path.startsWith(prefix))

/** The files of ours that a module imports. */
export function internalImports(module: SourceModule): string[] {
  return module.imports.flatMap((specifier) => importedPath(module.path, specifier) ?? [])
}

const packagesOf = (module: SourceModule) =>
  module.imports.flatMap((specifier) => importedPackage(specifier) ?? [])

const isBuiltInWithoutHome = (name: string) => name.startsWith('node:') && !(name in SOLE_HOMES)

function describeUpwardImport(from: string, target: string): string[] {
  const [own, other] = [roomOf(from), roomOf(target)]
  if (own === other || floorOf(other) < floorOf(own)) return []
  const where = floorOf(other) === floorOf(own) ? 'a neighbour on its own floor' : 'a higher floor'
  return [`${from} imports ${target}: ${where}`]
}

function swallowsErrors(node: ts.Node): boolean {
  if (ts.isCatchClause(node)) return node.block.statements.length === 0
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  const [handler] = node.arguments
  return node.expression.name.text === 'catch' && handler !== undefined && isEmptyFunction(handler)
}

function isEmptyFunction(node: ts.Expression): boolean {
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return false
  return ts.isBlock(node.body) && node.body.statements.length === 0
}

function onlyReExports(file: ts.SourceFile): boolean {
  const isReExport = (statement: ts.Statement) =>
    ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined
  return file.statements.length > 0 && file.statements.every(isReExport)
}
