import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { git } from '../helpers/run-git.js'
import { type ProgramResult, repositoryRoot, runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

let project = ''
let source = ''

beforeAll(async () => {
  if (!existsSync(join(repositoryRoot, 'dist/index.js'))) succeed(await runProgram('npm', ['run', 'build']))
  const directory = await temporaryDirectory()
  project = join(directory, 'project')
  source = (await createUpstream(join(directory, 'upstream.git'))).url
  await installTarball(directory)
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

describe.each([
  [
    'ESM',
    'use.mjs',
    `import * as it from 'git-task-isolation'
     import * as testing from 'git-task-isolation/testing'
     ${useIt}
     await useIt(it, testing)`,
  ],
  [
    'CommonJS',
    'use.cjs',
    `const it = require('git-task-isolation')
     const testing = require('git-task-isolation/testing')
     ${useIt}
     useIt(it, testing)`,
  ],
])('from %s', (_name, file, text) => {
  test('the installed package prepares and cleans up a workspace', async () => {
    await writeFile(join(project, file), text)
    const root = await temporaryDirectory()
    const result = await runProgram(process.execPath, [file, source, root], { cwd: project })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(result.stdout)).toEqual({
      branch: 'agent/packed/task-1',
      action: 'removed',
      refused: 'ID_INVALID',
      path: join('/r', 'managed-repos', 'shop', 'tasks', 'task-1'),
      contract: 'function',
    })
  })
})

const typed = `
const manager: WorkspaceManager = new WorkspaceManager({ root: '/tmp/never-used', onUnsavedWork: 'refuse' })
export const prepared: Promise<Workspace> = manager.prepare({ envId: 'shop', taskId: 'task-1' })
// @ts-expect-error: a misspelt option does not compile
export const misspelt = new WorkspaceManager({ rooot: '/tmp' })
export const strategy = (own: Strategy) => describeStrategy.name + own.name
`

test('the types work for ESM and CommonJS under moduleResolution node16', async () => {
  const esm = `import { type Strategy, type Workspace, WorkspaceManager } from 'git-task-isolation'
    import { describeStrategy } from 'git-task-isolation/testing'\n`
  const cjs = `import api = require('git-task-isolation')
    import testing = require('git-task-isolation/testing')
    import WorkspaceManager = api.WorkspaceManager
    type Workspace = api.Workspace
    type Strategy = api.Strategy
    const { describeStrategy } = testing\n`
  await writeFile(join(project, 'typed.mts'), esm + typed)
  await writeFile(join(project, 'typed.cts'), cjs + typed)
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(tsconfig))
  const tsc = join(repositoryRoot, 'node_modules/typescript/bin/tsc')
  const result = await runProgram(process.execPath, [tsc, '--noEmit'], { cwd: project })
  expect(result).toMatchObject({ code: 0, stdout: '' })
})

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'node16',
    moduleResolution: 'node16',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
  },
  files: ['typed.mts', 'typed.cts'],
}

test('git finds the program: git task list', async () => {
  const root = await temporaryDirectory()
  const path = [join(project, 'node_modules/.bin'), process.env['PATH']].join(delimiter)
  const env = { PATH: path, GIT_TASK_ROOT: root }
  const result = await runProgram('git', ['task', 'list', '--json'], { cwd: project, env })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(result.stdout)).toEqual([])
  const wrong = await runProgram('git', ['task', 'no-such-command'], { cwd: project, env })
  expect(wrong.code).toBe(2)
})

async function installTarball(directory: string): Promise<void> {
  const packed = await runProgram('npm', ['pack', '--json', '--pack-destination', directory])
  const [tarball] = await tarballsIn(directory, succeed(packed))
  await mkdir(project)
  await git(project, 'init', '--quiet')
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty-project', private: true }))
  const install = [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    tarball ?? 'no tarball was packed',
  ]
  succeed(await runProgram('npm', install, { cwd: project }))
  // Every TypeScript user of a node library has these; they are not the package's to bring.
  await cp(join(repositoryRoot, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'), copy)
  await cp(
    join(repositoryRoot, 'node_modules/undici-types'),
    join(project, 'node_modules/undici-types'),
    copy,
  )
}

const copy = { recursive: true }

async function tarballsIn(directory: string, packed: ProgramResult): Promise<string[]> {
  const names = packed.stdout.match(/"filename": "([^"]+)"/)
  return names?.[1] === undefined ? [] : [join(directory, names[1])]
}

function succeed(result: ProgramResult): ProgramResult {
  if (result.code === 0) return result
  throw new Error(`a step of the set-up ended with ${result.code}: ${result.stderr}${result.stdout}`)
}
