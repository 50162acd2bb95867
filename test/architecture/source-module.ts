import { readdir, readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** One source file as the rules see it. */
export interface SourceModule {
  /** From the repository's root, '/' between folders: `src/git/runner.ts`. */
  readonly path: string
  readonly text: string
  /** What it imports, as written; type imports, re-exports, `import()` and `require()` included. */
  readonly imports: readonly string[]
  readonly syntax: ts.SourceFile
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Reads every TypeScript and JavaScript file below the given top-level folders; an absent folder has none. */
export async function readModules(...folders: readonly string[]): Promise<SourceModule[]> {
  const paths = (await Promise.all(folders.map(sourcePaths))).flat().sort()
  return Promise.all(paths.map(async (path) => parseModule(path, await readFile(root + path, 'utf8'))))
}

/** The same from text, for the bad examples that prove that a rule can fail. */
export function parseModule(path: string, text: string): SourceModule {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return { path, text, imports: importsOf(syntax), syntax }
}

/** The module of ours that a relative import leads to, as a path from the root; undefined for a package. */
export function importedPath(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(from), specifier)
  return target.replace(/\.js$/, '.ts').replace(/\.cjs$/, '.cts')
}

/** The package (or node built-in, always with `node:`) of an import; undefined for a relative one. */
export function importedPackage(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) {
    return specifier.startsWith('.') ? undefined : specifier
  }
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]
}

/** Visits every node of a file. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

async function sourcePaths(folder: string): Promise<string[]> {
  const entries = await readdir(root + folder, { recursive: true }).catch(noSuchFolder)
  const paths = entries.map((entry) => posix.join(folder, entry.replaceAll('\\', '/')))
  return paths.filter((path) => /\.[cm]?[jt]s$/.test(path) && !path.includes('/node_modules/'))
}

function noSuchFolder(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}

function importsOf(file: ts.SourceFile): string[] {
  const found: string[] = []
  walk(file, (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push(specifier.text)
  })
  return found
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isExternalModuleReference(node)) return node.expression
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  if (ts.isCallExpression(node) && loadsModule(node.expression)) return node.arguments[0]
  return undefined
}

const loadsModule = (callee: ts.Expression) =>
  callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
