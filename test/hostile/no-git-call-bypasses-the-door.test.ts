import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import {
  importedPath,
  parseModule,
  readModules,
  type SourceModule,
  walk,
} from '../architecture/source-module.js'

/** Who may start a process at all, and what. */
const STARTERS: Readonly<Record<string, readonly string[]>> = {
  'src/git/process-runner.ts': ['command.file'],
  'src/git/object-lookup.ts': ["'git'"],
  'src/fs/file-program.ts': ['program'],
  'src/fs/boot-id.ts': ["'/usr/sbin/sysctl'"],
  'src/fs/process-table.ts': ["'ps'"],
}

/** What only the door may use: whoever else did would start a git without its environment. */
const DOOR_ONLY: Readonly<Record<string, readonly string[]>> = {
  'src/git/process-runner.ts': ['src/git/git.ts'],
  'src/git/process-run.ts': ['src/git/process-runner.ts'],
  'src/git/object-lookup.ts': ['src/git/git.ts', 'src/git/object-lookups.ts'],
}

/** The programs that `runFileProgram` is asked for. */
const FILE_PROGRAMS = /^'(?:rm|du|find|mv|cp|stat|df)'$/

/** A script that never changes; names reach it as arguments. */
const SCRIPTS: Readonly<Record<string, string>> = { 'src/fs/remove-tree.ts': "'sh'" }

const STARTING = /^(?:spawn|spawnSync|exec|execSync|execFile|execFileSync|fork)$/

type Rule = (modules: readonly SourceModule[]) => string[]

const onlyKnownProcessesStart: Rule = (modules) =>
  modules.flatMap(({ path, syntax }) =>
    callsOf(syntax, STARTING)
      .filter(([program]) => !STARTERS[path]?.includes(program))
      .map(([program]) => `${path} starts ${program}`),
  )

const nobodyUsesAShell: Rule = (modules) =>
  modules.flatMap(({ path, syntax }) => {
    const found: string[] = []
    walk(syntax, (node) => {
      const isShell = ts.isPropertyAssignment(node) && node.name.getText() === 'shell'
      const isCommandLine = ts.isCallExpression(node) && /^(?:exec|execSync)$/.test(nameOf(node.expression))
      if (isShell || (isCommandLine && path.startsWith('src/')))
        found.push(`${path}: ${node.getText().slice(0, 60)}`)
    })
    return found
  })

const partsOfTheDoorStayInside: Rule = (modules) =>
  modules.flatMap(({ path, imports, syntax }) =>
    valueImports(syntax)
      .filter((specifier) => imports.includes(specifier))
      .map((specifier) => importedPath(path, specifier) ?? '')
      .filter((target) => target in DOOR_ONLY && !DOOR_ONLY[target]?.includes(path))
      .map((target) => `${path} imports ${target}`),
  )

const simpleGitIsTheCallersHandleAlone: Rule = (modules) =>
  modules
    .filter(
      ({ path, syntax }) => path !== 'src/git/caller-git.ts' && valueImports(syntax).includes('simple-git'),
    )
    .map(({ path }) => `${path} imports simple-git`)

const filesAreNotAskedOfGit: Rule = (modules) =>
  modules.flatMap(({ path, syntax }) =>
    callsOf(syntax, /^runFileProgram$/)
      .filter(([program]) => !FILE_PROGRAMS.test(program) && program !== SCRIPTS[path])
      .map(([program]) => `${path} asks ${program}`),
  )

const CASES: readonly { promise: string; rule: Rule; bad: Readonly<Record<string, string>>[] }[] = [
  {
    promise: 'only the known places start a process, and only theirs',
    rule: onlyKnownProcessesStart,
    bad: [
      { 'src/mirror/fetch.ts': "spawn('git', ['fetch'])" },
      { 'src/fs/boot-id.ts': "execFileSync('git', ['fetch'])" },
      { 'src/git/quick.ts': "child_process.execFile('git')" },
    ],
  },
  {
    promise: 'no command line goes to a shell',
    rule: nobodyUsesAShell,
    bad: [
      { 'src/git/run.ts': "spawn('git', [], { shell: true })" },
      { 'src/git/run.ts': "exec('git fetch')" },
    ],
  },
  {
    promise: 'what the door is made of is used by the door alone',
    rule: partsOfTheDoorStayInside,
    bad: [
      { 'src/git/side.ts': "import { runProcess } from './process-runner.js'\nrunProcess({})" },
      {
        'src/strategies/x.ts':
          "import { ObjectLookup } from '../git/object-lookup.js'\nObjectLookup.start({})",
      },
    ],
  },
  {
    promise: 'simple-git is only what callers are handed',
    rule: simpleGitIsTheCallersHandleAlone,
    bad: [{ 'src/git/side.ts': "import { simpleGit } from 'simple-git'\nsimpleGit()" }],
  },
  {
    promise: "the system's programs for files are not git",
    rule: filesAreNotAskedOfGit,
    bad: [{ 'src/fs/side.ts': "runFileProgram('git', ['clean'])" }],
  },
]

const src = await readModules('src')

describe.each(CASES.map((each) => [each.promise, each] as const))('%s', (_promise, { rule, bad }) => {
  test('holds', () => expect(rule(src)).toEqual([]))

  test.each(bad)('can fail: %j', (example) => {
    const modules = Object.entries(example).map(([path, text]) => parseModule(path, text))
    expect(rule(modules)).not.toEqual([])
  })
})

test('the places that are looked for are there', () => {
  const paths = src.map(({ path }) => path)
  expect(Object.keys({ ...STARTERS, ...DOOR_ONLY }).filter((path) => !paths.includes(path))).toEqual([])
})

/** The first argument of each call of a function of that name, as written. */
function callsOf(syntax: ts.SourceFile, name: RegExp): [program: string][] {
  const found: [string][] = []
  walk(syntax, (node) => {
    if (!ts.isCallExpression(node) || !name.test(nameOf(node.expression))) return
    // `pattern.exec(text)` starts nothing.
    if (
      ts.isPropertyAccessExpression(node.expression) &&
      !/process/.test(node.expression.expression.getText())
    )
      return
    found.push([node.arguments[0]?.getText() ?? ''])
  })
  return found
}

function nameOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text
  return ts.isPropertyAccessExpression(callee) && /process/.test(callee.expression.getText())
    ? callee.name.text
    : ''
}

/** Modules that are imported for more than their types. */
function valueImports(syntax: ts.SourceFile): string[] {
  return syntax.statements
    .filter(ts.isImportDeclaration)
    .filter(({ importClause }) => {
      if (importClause === undefined) return true
      if (importClause.isTypeOnly) return false
      const { namedBindings } = importClause
      const isNamed = namedBindings !== undefined && ts.isNamedImports(namedBindings)
      return !isNamed || namedBindings.elements.some((element) => !element.isTypeOnly)
    })
    .map(({ moduleSpecifier }) => (ts.isStringLiteralLike(moduleSpecifier) ? moduleSpecifier.text : ''))
}
