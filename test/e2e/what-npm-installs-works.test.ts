import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { codeBlocks } from '../docs/code-blocks.js'
import { AGENT, documentWorld } from '../docs/document-world.js'
import { runDocument } from '../docs/run-document.js'
import { git } from '../helpers/run-git.js'
import { repositoryRoot, runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'
import { type InstalledPackage, installPackage } from './installed-package.js'

let installed: InstalledPackage
let project = ''

// Once for all: a project that has it by a link, as after `npm link`, finds it and its packages like any other.
beforeAll(async () => {
  const directory = await temporaryDirectory()
  installed = await installPackage(directory)
  project = join(directory, 'project')
  await mkdir(join(project, 'node_modules'), { recursive: true })
  await symlink(installed.folder, join(project, 'node_modules/git-task-isolation'))
}, 300_000)

const useIt = `
async function useIt({ WorkspaceManager, managedRepoCheckoutPath, isWorkspaceError }, testing) {
  const [source, root] = process.argv.slice(2)
  const manager = new WorkspaceManager({ root })
  const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-1', source, agentName: 'packed' })
  const report = await workspace.cleanup()
  const refusal = await manager.prepare({ envId: '../x', taskId: 'y' }).catch((error) => error)
  await manager.close()
  console.log(JSON.stringify({
    branch: workspace.branch,
    action: report.action,
    refused: isWorkspaceError(refusal) && refusal.code,
    path: managedRepoCheckoutPath('/r', 'shop', 'task-1'),
    contract: typeof testing.describeStrategy,
  }))
}
`

const ESM = `import * as it from 'git-task-isolation'
import * as testing from 'git-task-isolation/testing'
${useIt}
await useIt(it, testing)`

const COMMON_JS = `const it = require('git-task-isolation')
const testing = require('git-task-isolation/testing')
${useIt}
useIt(it, testing)`

test.each([
  ['use.mjs', ESM],
  ['use.cjs', COMMON_JS],
])('%s prepares and cleans up a workspace', async (file, text) => {
  await writeFile(join(project, file), text)
  const directory = await temporaryDirectory()
  const { url } = await createUpstream(join(directory, 'upstream.git'))
  const args = [file, url, join(directory, 'root')]
  const result = await runProgram(process.execPath, args, { cwd: project })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(result.stdout)).toEqual({
    branch: 'agent/packed/task-1',
    action: 'removed',
    refused: 'ID_INVALID',
    path: join('/r', 'managed-repos', 'shop', 'tasks', 'task-1'),
    contract: 'function',
  })
})

const typed = `
const manager: WorkspaceManager = new WorkspaceManager({ root: '/tmp/never-used', onUnsavedWork: 'refuse' })
export const prepared: Promise<Workspace> = manager.prepare({ envId: 'shop', taskId: 'task-1' })
// @ts-expect-error: a misspelt option does not compile
export const misspelt = new WorkspaceManager({ rooot: '/tmp' })
export const strategy = (own: Strategy) => describeStrategy.name + own.name
`

const TYPED_ESM = `import { type Strategy, type Workspace, WorkspaceManager } from 'git-task-isolation'
import { describeStrategy } from 'git-task-isolation/testing'\n`

const TYPED_COMMON_JS = `import api = require('git-task-isolation')
import testing = require('git-task-isolation/testing')
import WorkspaceManager = api.WorkspaceManager
type Workspace = api.Workspace
type Strategy = api.Strategy
const { describeStrategy } = testing\n`

test('the types work for ESM and CommonJS under moduleResolution node16', async () => {
  const files = ['typed.mts', 'typed.cts'].map((name) => join(project, name))
  for (const [at, imports] of [TYPED_ESM, TYPED_COMMON_JS].entries())
    await writeFile(files[at] ?? '', imports + typed)
  const program = ts.createProgram(files, OPTIONS)
  // The declarations of the package as well; what node and other packages declare is theirs to check.
  const declared = ['index.d.ts', 'index.d.cts'].map((name) => join(installed.folder, 'dist', name))
  const problems = [...files, ...declared].flatMap((name) => {
    const file = program.getSourceFile(name)
    if (file === undefined) return [`${name} is not reached`]
    return program.getSemanticDiagnostics(file).map(messageOf)
  })
  expect(problems).toEqual([])
})

const messageOf = ({ messageText }: ts.Diagnostic) => ts.flattenDiagnosticMessageText(messageText, '\n')

const OPTIONS: ts.CompilerOptions = {
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  strict: true,
  exactOptionalPropertyTypes: true,
  // Every TypeScript user of a node library has these; they are not the package's to bring.
  types: ['node'],
  typeRoots: [join(repositoryRoot, 'node_modules/@types')],
}

// Small systems have a stand-in for it, which says that there are no pages.
const MAN = ['man', '--version'] as const
const hasMan = /^man \d/.test(spawnSync(MAN[0], [MAN[1]], { encoding: 'utf8' }).stdout ?? '')

describe('where it is installed for all projects', () => {
  /** With the PATH alone: git and man find the rest from there. */
  const withPath = () => ({
    PATH: [join(installed.prefix, 'bin'), process.env['PATH']].join(delimiter),
    MANPATH: undefined,
    GIT_TASK_ROOT: join(project, 'root'),
  })

  test('git finds the program: git task list', async () => {
    const result = await runProgram('git', ['task', 'list', '--json'], { env: withPath() })
    expect(result).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
    expect((await runProgram('git', ['task', 'no-such-command'], { env: withPath() })).code).toBe(2)
  })

  test('npm lays the page out where man looks', async () => {
    const page = await readFile(join(installed.prefix, 'share/man/man1/git-task.1'), 'utf8')
    expect(page).toBe(await readFile(join(repositoryRoot, 'dist/git-task.1'), 'utf8'))
  })

  test.skipIf(!hasMan)('git task --help shows it (skipped where there is no man)', async () => {
    const env = { ...withPath(), MANPAGER: 'cat', MANWIDTH: '80' }
    const shown = await runProgram('git', ['task', '--help'], { env })
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain('git-task - isolated git workspaces for agent tasks')
    expect(shown.stdout).toMatch(/^ +git task finish env task outcome/m)
  })
})

/** What a newcomer types first takes minutes, and is done already: the rest is npm itself. */
const NPM = `case $1 in
ci | test) exit 0 ;;
run) case $2 in build | demo) exit 0 ;; *) echo "nobody has made $2" >&2; exit 1 ;; esac ;;
esac
exec "$NPM" "$@"`

const NPX =
  '[ -x "node_modules/.bin/$1" ] && exec "node_modules/.bin/$@"; echo "npx would ask the network" >&2; exit 1'

test('whoever follows the README from its first line to its last gets what it says', async () => {
  const text = await readFile(join(repositoryRoot, 'README.md'), 'utf8')
  const directory = join(await temporaryDirectory(), 'world')
  const world = await documentWorld(directory, { agent: AGENT, npm: NPM, npx: NPX })
  const clone = join(directory, 'home/me/git-task-isolation')
  await cloneInto(clone)
  const blocks = codeBlocks('README.md', text)
  expect(blocks.filter(({ words }) => words.includes('no-run'))).toEqual([])
  const [example, ...others] = blocks.filter(({ language, words }) => language === 'js' && words.length === 0)
  expect(others).toEqual([])
  if (example === undefined) throw new Error('the README has no example')
  expect(example.code.split('\n').filter((line) => line !== '')).toHaveLength(10)
  const program = join(project, 'example.mjs')
  await writeFile(program, world.localised(example.code))
  const npm = await whereIs('npm')
  Object.assign(world.environment, { NPM: npm, npm_config_offline: 'true', GIT_TASK_ROOT: undefined })
  expect((await runDocument(world, blocks, new Map([[example, program]]))).join('\n\n')).toBe('')
  expect(existsSync(join(directory, 'home/me/first'))).toBe(false)
}, 120_000)

/** The installed package in the place of a built clone: a repository, with a branch that has a commit. */
async function cloneInto(clone: string): Promise<void> {
  await symlink(installed.folder, clone)
  await writeFile(join(clone, '.gitignore'), 'node_modules\ndist\n')
  await git(clone, 'init', '--quiet', '--initial-branch', 'main')
  await git(clone, 'add', '--all')
  await git(clone, 'commit', '--quiet', '--message', 'As it was cloned')
}

async function whereIs(program: string): Promise<string> {
  const { stdout } = await runProgram('sh', ['-c', `command -v ${program}`])
  return stdout.trim()
}
