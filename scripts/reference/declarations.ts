import ts from 'typescript'
import { type DocComment, docCommentOf } from './doc-comment.js'
import { parseFile } from './source.js'

/** What the built package exports under one name. */
export interface Declared {
  readonly name: string
  /** The names that it is exported by: `git-task-isolation`, or with `/testing`. Empty: other declarations need it. */
  readonly entries: readonly string[]
  readonly node: ts.Statement
  readonly doc: DocComment | undefined
  readonly members: readonly DeclaredMember[]
}

export interface DeclaredMember {
  readonly name: string
  readonly isMethod: boolean
  readonly doc: DocComment | undefined
}

const ENTRIES = [
  { entry: 'git-task-isolation', file: 'dist/index.d.ts' },
  { entry: 'git-task-isolation/testing', file: 'dist/testing.d.ts' },
] as const

/** All that the built declaration files declare, by name; it does not matter which file the bundler put it into. */
export function builtDeclarations(): Declared[] {
  const parsed = new Map<string, ts.SourceFile>()
  for (const { file } of ENTRIES) parseWithImports(file, parsed)
  const exportedBy = ENTRIES.map(({ entry, file }) => ({ entry, names: exportedNames(parsed.get(file)) }))
  const all = declarationsOf([...parsed.values()], (name) =>
    exportedBy.filter(({ names }) => names.has(name)).map(({ entry }) => entry),
  )
  const exported = exportedBy.flatMap(({ names }) => [...names])
  const lost = exported.filter((name) => !all.some((declared) => declared.name === name))
  if (lost.length > 0)
    throw new Error(`the built package exports what it does not declare: ${lost.join(', ')}`)
  return all
}

/** What some files declare, and the entries that export it. */
export function declarationsOf(
  files: readonly ts.SourceFile[],
  entriesOf: (name: string) => readonly string[],
): Declared[] {
  const declared = files.flatMap(declaredIn).map(([name, node]) => ({
    name,
    entries: entriesOf(name),
    node,
    doc: docCommentOf(node),
    members: membersOf(node),
  }))
  return declared.sort((one, other) => (one.name < other.name ? -1 : 1))
}

export function isValue({ node }: Declared): boolean {
  return ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isVariableStatement(node)
}

function parseWithImports(path: string, parsed: Map<string, ts.SourceFile>): void {
  if (parsed.has(path)) return
  const file = parseFile(path)
  parsed.set(path, file)
  for (const imported of importsOf(file)) parseWithImports(imported, parsed)
}

/** The package's own files that a file imports or passes on. */
function importsOf(file: ts.SourceFile): string[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier } = statement
    const isOwn =
      moduleSpecifier && ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text.startsWith('./')
    return isOwn ? [`dist/${moduleSpecifier.text.slice(2).replace(/\.js$/, '.d.ts')}`] : []
  })
}

function declaredIn(file: ts.SourceFile): [string, ts.Statement][] {
  return file.statements.flatMap((node) => {
    const names = ts.isVariableStatement(node)
      ? node.declarationList.declarations.map(({ name }) => name.getText())
      : isNamed(node) && node.name !== undefined
        ? [node.name.text]
        : []
    return names.map((name): [string, ts.Statement] => [name, node])
  })
}

function isNamed(
  node: ts.Node,
): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration | ts.FunctionDeclaration {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isFunctionDeclaration(node)
  )
}

/** In the entries everything has its own name; between the bundler's files it may have another one. */
function exportedNames(file: ts.SourceFile | undefined): ReadonlySet<string> {
  const elements = (file?.statements ?? []).flatMap((statement) => {
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined
    return clause && ts.isNamedExports(clause) ? clause.elements : []
  })
  return new Set(elements.map(({ name }) => name.text))
}

function membersOf(node: ts.Statement): DeclaredMember[] {
  if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) return []
  return [...node.members].flatMap((member) => {
    if (member.name === undefined || ts.isPrivateIdentifier(member.name)) return []
    const isMethod = ts.isMethodSignature(member) || ts.isMethodDeclaration(member)
    return [{ name: member.name.getText(), isMethod, doc: docCommentOf(member) }]
  })
}
