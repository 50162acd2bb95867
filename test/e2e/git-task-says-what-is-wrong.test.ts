import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.js'
import { type ProgramResult, repositoryRoot, runProgram, runTypeScript } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'

const PROGRAM = join(repositoryRoot, 'dist/cli/main.js')

function gitTask(...args: readonly string[]): Promise<ProgramResult> {
  return runProgram(process.execPath, [PROGRAM, ...args])
}

const WRONG: readonly (readonly [args: readonly string[], says: string])[] = [
  [['prepare', 'shop'], "missing required argument 'task'"],
  [['prepare', 'shop', 'task', '--depth', 'deep'], "option '--depth <commits>' argument 'deep' is invalid"],
  [['list', 'shop', 'task'], 'too many arguments'],
  [['show', 'shop'], "missing required argument 'task'"],
  [['show', 'shop', 'task', '--run'], "option '--run <id>' argument missing"],
  [['env'], "missing required argument 'env'"],
  [['path'], "missing required argument 'env'"],
  [['path', 'shop', '--run', '2'], '--run needs a task'],
  [['path', 'shop', '--work-dir'], '--work-dir needs a task'],
  [['refresh', 'shop', 'task', '--mode', 'merge'], 'Allowed choices are fast-forward, rebase, reset'],
  [['finish', 'shop', 'task'], "missing required argument 'outcome'"],
  [['finish', 'shop', 'task', 'done'], 'Allowed choices are succeeded, failed, cancelled'],
  [['cleanup', 'shop'], 'name a task'],
  [['sweep', '--max-age-days', 'old'], "argument 'old' is invalid"],
  [['archives', '--all'], "unknown option '--all'"],
  [['restore', 'shop'], "missing required argument 'task'"],
  [['usage', 'shop', 'task'], 'too many arguments'],
  [['audit', 'shop', '--folow'], '(Did you mean --follow?)'],
  [['doctor', 'shop'], 'too many arguments'],
  [['completion', 'cmd'], 'Allowed choices are bash, zsh, fish'],
  [['refesh', 'shop', 'task'], '(Did you mean refresh?)'],
]

describe('wrong use', () => {
  it.each(WRONG)('%j is refused, and nothing is done', async (args, says) => {
    const error = await buildProgram('json')
      .parseAsync(args, { from: 'user' })
      .then(
        () => 'nothing was wrong',
        (reason: unknown) => reason,
      )
    expect(error).toBeInstanceOf(CommanderError)
    expect(error).toMatchObject({ message: expect.stringContaining(says) })
  })

  it('is met for every command', () => {
    const names = buildProgram('json').commands.map((command) => command.name())
    const met = new Set(WRONG.map(([[name]]) => name))
    expect(names.filter((name) => !met.has(name))).toEqual(['__complete'])
  })

  it.each([
    [
      ['finsh', 'shop', 'task', 'failed'],
      /^error: unknown command 'finsh'\n\(Did you mean finish\?\)\n+\(git-task --help tells more\)\n$/,
    ],
    // What is wrong may be somebody else's text.
    [
      ['finish', 'shop', 'task', '\u001b[31m'],
      /^error: .*'\\x1b\[31m' is invalid .*\n+\(git-task finish --help/,
    ],
  ])('%j ends with 2, and says where to read', async (args, says) => {
    const answer = await gitTask(...args)
    expect(answer).toMatchObject({ code: 2, stdout: '' })
    expect(answer.stderr).toMatch(says)
  })

  it.each([
    [['--json', 'show', 'shop'], 'USAGE', "missing required argument 'task'"],
    [['show', 'a b', 'task', '--json'], 'ID_INVALID', 'envId'],
    [['--json'], 'USAGE', 'no command was given'],
  ])('%j says it in JSON', async (args, code, says) => {
    const answer = await gitTask(...args)
    expect(answer).toMatchObject({ code: 2, stdout: '' })
    const { error } = JSON.parse(answer.stderr)
    expect(error).toMatchObject({ code, retryable: false, hint: expect.stringMatching(/./) })
    expect(error.message).toContain(says)
  })
})

describe('a root', () => {
  it('that is not there is not made by looking', async () => {
    const root = join(await temporaryDirectory(), 'root')
    expect(await gitTask('list', '--root', root)).toMatchObject({
      code: 0,
      stdout: 'No sessions.\n',
      stderr: '',
    })
    expect(await gitTask('audit', 'shop', '--root', root)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const finished = await gitTask('finish', 'shop', 'task-1', 'failed', '--root', root)
    expect(finished).toMatchObject({ code: 1, stdout: '' })
    expect(finished.stderr).toContain('WORKSPACE_MISSING')
    expect(await readdir(join(root, '..'))).toEqual([])
  })

  it.skipIf(process.platform === 'win32')('that may not be used is named by every command', async () => {
    const directory = await temporaryDirectory()
    const root = join(directory, 'root')
    await mkdir(join(root, 'managed-repos/shop/.git-task/sessions'), { recursive: true })
    const env = { TSX_TSCONFIG_PATH: join(repositoryRoot, 'tsconfig.built.json') }
    const file = join(import.meta.dirname, 'use-a-closed-root-as-nobody.ts')
    const { code, stdout, stderr } = await runTypeScript(file, [root], { env })
    expect([code, stderr]).toEqual([0, ''])
    const answers: Record<string, { code: number; said: string }> = JSON.parse(stdout)
    for (const [name, answer] of Object.entries(answers)) {
      expect({ name, ...answer }).toMatchObject({ name, code: 2 })
      expect(answer.said).toContain(`git-task: no permission to use ${root}`)
    }
    expect(Object.keys(answers)).toHaveLength(13)
    await rm(root, { recursive: true })
  })
})
