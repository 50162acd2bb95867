import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { shellLines } from '../../src/cli/shell-lines.js'
import { repositoryRoot, runProgram } from '../helpers/run-program.js'
import { shells } from '../helpers/shells.js'
import { temporaryDirectory } from '../helpers/temporary.js'

const PROGRAM = join(repositoryRoot, 'dist/cli/main.js')
const run = promisify(execFile)

const NASTY = [
  '',
  "'",
  "''",
  `it's "so" \`ls\` $(ls) \${HOME} $HOME`,
  '\\',
  "\\'",
  'two\nlines',
  '\n',
  'ends with newlines\n\n',
  ' spaces  around ',
  '-n',
  '!history !!',
  '*?[a]~#&;|<>()',
  '\t\r\u0001\u007f',
  'ä€😀',
  '=',
  '%s%n',
]

// What an environment cannot hold is no value: NUL, and halves of surrogate pairs.
const anything = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0'))

it.each(shells())('%s gets every value as it is', async (_name, program, ...args) => {
  const values = [...NASTY, ...fc.sample(anything, 200)]
  const variables = Object.fromEntries(values.map((value, index) => [`V${index}`, value]))
  const directory = await temporaryDirectory()
  const file = join(directory, 'lines')
  await writeFile(file, shellLines({ ...variables, GONE: undefined }))
  const script = 'set -eu; eval "$(cat "$1")"; exec env -0'
  // Some shells read a person's own start-up files where the input is a socket.
  const env = { PATH: process.env['PATH'], HOME: directory, GONE: 'is not to be there' }
  const { stdout } = await run(program, [...args, '-c', script, 'sh', file], { env, cwd: directory })
  const got = environmentIn(stdout)
  expect(Object.fromEntries(Object.keys(variables).map((name) => [name, got[name]]))).toEqual(variables)
  expect(got).not.toHaveProperty('GONE')
})

it('eval gives a shell what a workspace says, and takes what belongs to another repository', async () => {
  const directory = await temporaryDirectory()
  const root = join(directory, `it's $HOME "and" \`more\``)
  await mkdir(root)
  const manager = new WorkspaceManager({ root })
  const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-42', runId: '2', agentName: "d'or" })
  await manager.close()
  const script = 'eval "$("$1" "$2" env shop task-42 --run 2)"; exec env -0'
  const env = { GIT_TASK_ROOT: root, GIT_DIR: '/elsewhere/.git', UNTOUCHED: 'stays' }
  const { code, stdout, stderr } = await runProgram('sh', ['-c', script, 'sh', process.execPath, PROGRAM], {
    env,
  })
  expect([code, stderr]).toEqual([0, ''])
  const got = environmentIn(stdout)
  expect(got).toMatchObject({ ...workspace.env, UNTOUCHED: 'stays' })
  expect(got['TASK_WORKSPACE']).toBe(workspace.workDir)
  expect(got).not.toHaveProperty('GIT_DIR')
  const json = await runProgram(process.execPath, [PROGRAM, 'env', 'shop', 'task-42', '--run=2', '--json'], {
    env,
  })
  expect(JSON.parse(json.stdout)).toEqual({ ...workspace.env, GIT_DIR: null })
})

function environmentIn(output: string): Record<string, string> {
  const lines = output.split('\0').filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}
