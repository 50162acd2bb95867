import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.js'
import { gitTask as programInProcess } from '../helpers/run-git-task.js'
import { type ProgramResult, runProgram, runWithTsx } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { hasTerminals, linesOf, onTerminal, PROGRAM } from './terminal.js'

type Wrong = readonly [args: readonly string[], says: string]

/** For every command one of the ways to use it wrongly. */
const WRONG: readonly Wrong[] = [
  [['prepare', 'a b', 'task'], 'ID_INVALID'],
  [['list', '--frobnicate'], "unknown option '--frobnicate'"],
  [['show', 'shop', 'task', '--run'], "option '--run <id>' argument missing"],
  [['env'], "missing required argument 'env'"],
  [['path', 'shop', '--work-dir'], '--work-dir needs a task'],
  [['refresh', 'shop', 'task', '--mode', 'merge'], 'Allowed choices are fast-forward, rebase, reset'],
  // What is wrong may be somebody else's text.
  [['finish', 'shop', 'task', '\u001b[31m'], "'\\x1b[31m' is invalid"],
  [['cleanup', 'shop'], 'name a task'],
  [['sweep', '--max-age-days', 'old'], "argument 'old' is invalid"],
  [['archives', '--all'], "unknown option '--all'"],
  [['restore', 'shop'], "missing required argument 'task'"],
  [['usage', 'shop', 'task'], 'too many arguments'],
  [['audit', 'shop', '--folow'], '(Did you mean --follow?)'],
  [['doctor', 'shop'], 'too many arguments'],
  [['completion', 'cmd'], 'Allowed choices are bash, zsh, fish'],
]

/** Other ways, of which each is told like one above. */
const WRONG_TOO: readonly Wrong[] = [
  [['finsh', 'shop', 'task', 'failed'], '(Did you mean finish?)'],
  [['prepare', 'shop'], "missing required argument 'task'"],
  [['prepare', 'shop', 'task', '--strategy', 'rsync'], 'STRATEGY_UNKNOWN'],
  [['prepare', 'shop', 'task', '--depth', 'deep'], "option '--depth <commits>' argument 'deep' is invalid"],
  [['prepare', 'shop', 'task', '--depth', '0'], 'depth'],
  [['prepare', 'shop', 'task', '--filter', 'blob:limit=x'], 'filter'],
  [['prepare', 'shop', 'task', '--filter', 'all'], 'filter'],
  [['prepare', 'shop', 'task', '--objects', 'mine'], 'objects'],
  [['prepare', 'shop', 'task', '--sparse', '../up'], 'sparse'],
  [['path', 'shop', '--run', '2'], '--run needs a task'],
  [['finish', 'shop', 'task'], "missing required argument 'outcome'"],
  [['cleanup', 'shop', 'task', '--all'], 'name none'],
  [
    ['cleanup', 'shop', 'task', '--on-unsaved-work', 'forget'],
    'Allowed choices are archive, refuse, discard',
  ],
  [['sweep', '--max-age-days', '-1'], 'invalid'],
  [['sweep', '--max-total-bytes', '1.5'], 'maxTotalBytes'],
  [['usage', 'a b'], 'ID_INVALID'],
]

describe('wrong use ends with 2, and nothing is done', () => {
  it.each(WRONG)('%j', async (args, says) => {
    await refused(args, says, (...all) => runProgram(process.execPath, [PROGRAM, ...all]))
  })

  it.each(WRONG_TOO)('%j', async (args, says) => {
    await refused(args, says, programInProcess)
  })

  it.runIf(hasTerminals).each(WRONG.slice(0, 2))('%j on a terminal', async (args, says) => {
    const root = join(await temporaryDirectory(), 'root')
    const { code, shown } = await onTerminal(['--root', root, ...args])
    expect(code).toBe(2)
    expect(linesOf(shown).join('\n')).toContain(says)
  })

  it('is met for every command', () => {
    const names = buildProgram('json').commands.map((command) => command.name())
    const met = new Set(WRONG.map(([[name]]) => name))
    expect(names.filter((name) => !met.has(name))).toEqual(['__complete'])
  })

  it.each([
    [['--json', 'show', 'shop'], 'USAGE', "missing required argument 'task'"],
    [['show', 'a b', 'task', '--json'], 'ID_INVALID', 'envId'],
    [['--json'], 'USAGE', 'no command was given'],
  ])('%j says it in JSON', async (args, code, says) => {
    const answer = await runProgram(process.execPath, [PROGRAM, ...args])
    expect(answer).toMatchObject({ code: 2, stdout: '' })
    const { error } = JSON.parse(answer.stderr)
    expect(error).toMatchObject({ code, retryable: false, hint: expect.stringMatching(/./) })
    expect(error.message).toContain(says)
  })
})

type Run = (...args: readonly string[]) => Promise<ProgramResult>

async function refused(args: readonly string[], says: string, run: Run): Promise<void> {
  const directory = await temporaryDirectory()
  const answer = await run('--root', join(directory, 'root'), ...args)
  expect(answer).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(says) })
  // An error of the arguments says where to read, one of the library what to do.
  expect(answer.stderr).toMatch(/\(git-task( \w+)? --help tells more\)\n$|^git-task: .+\n {2}.+\n$/)
  expect(await readdir(directory)).toEqual([])
}

it.runIf(process.platform === 'linux').each([
  ['finsh', '2', 2, ''],
  ['audit shop --json', '1', 1, '"code": "OUTPUT_FAILED"'],
])('%s ends as it should where nothing can be written to %s', async (line, output, code, says) => {
  const root = await temporaryDirectory()
  const file = join(root, 'managed-repos/shop/.git-task/audit.jsonl')
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, '{"at":"2026-01-01T00:00:00.000Z","event":"warning","env_id":"shop","pid":1}\n')
  const command = `exec '${process.execPath}' '${PROGRAM}' --root '${root}' ${line} ${output}>/dev/full`
  const answer = await runProgram('sh', ['-c', command])
  expect(answer).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
  if (says !== '') expect(Object.keys(JSON.parse(answer.stderr))).toEqual(['error'])
})

const NO_ENVIRONMENT = 'git-task: note: there is no environment shop\n'

/** Each command as it is used, with what it answers where there is nothing: its exit code, and words of it. */
const ON_NOTHING = {
  'prepare shop task --source /no/such/repository': [2, 'SOURCE_INVALID'],
  list: [0, 'No sessions.'],
  'show shop task': [1, 'WORKSPACE_MISSING'],
  'env shop task': [1, 'WORKSPACE_MISSING'],
  'path shop task --work-dir': [1, 'WORKSPACE_MISSING'],
  'refresh shop task': [1, 'WORKSPACE_MISSING'],
  'finish shop task failed': [1, 'WORKSPACE_MISSING'],
  'cleanup shop task': [0, 'absent'],
  'sweep --yes': [0, '0 removed, 0 kept, 0 failed'],
  archives: [0, 'No archives.'],
  'restore shop task': [1, 'WORKSPACE_MISSING'],
  usage: [0, 'nothing yet'],
  'audit shop': [0, NO_ENVIRONMENT],
  doctor: [0, 'nothing has been prepared'],
} as const

describe('a root', () => {
  it.each(['list', 'show shop task'] as const)(
    'that is not there is not made by git-task %s',
    async (line) => {
      await looksAtNothing(line, (...all) => runProgram(process.execPath, [PROGRAM, ...all]))
    },
  )

  it('that is not there is made by no command', async () => {
    for (const line of Object.keys(ON_NOTHING)) await looksAtNothing(line, programInProcess)
    const names = buildProgram('json').commands.map((command) => command.name())
    const met = new Set(Object.keys(ON_NOTHING).map((line) => line.split(' ')[0]))
    expect(names.filter((name) => !met.has(name))).toEqual(['completion', '__complete'])
  })

  it('that is a file, or below one, or has one for the environment, is refused by every command', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'file')
    await writeFile(file, '')
    const environment = join(directory, 'managed-repos/shop')
    await mkdir(join(environment, '..'))
    await writeFile(environment, '')
    for (const line of Object.keys(ON_NOTHING)) {
      const root = line === 'list' ? join(file, 'below') : file
      const refused = [await programInProcess('--root', root, ...line.split(' ')), file] as const
      const named = line.includes('shop') ? line : `${line} shop`
      const within = [await programInProcess('--root', directory, ...named.split(' ')), environment] as const
      for (const [{ code, stdout, stderr }, path] of line === 'doctor' ? [refused] : [refused, within]) {
        expect({ line, code }).toEqual({ line, code: line === 'doctor' ? 1 : 2 })
        expect(`${stdout}${stderr}`, line).toContain(`no folder: ${path}`)
      }
    }
  })

  it.skipIf(process.platform === 'win32')('that may not be used is named by every command', async () => {
    const directory = await temporaryDirectory()
    const root = join(directory, 'root')
    await mkdir(join(root, 'managed-repos/shop/.git-task/sessions'), { recursive: true })
    const file = join(import.meta.dirname, 'use-a-closed-root-as-nobody.ts')
    const lines = Object.keys(ON_NOTHING).map((line) => line.replace(/ --source.*/, ''))
    const { code, stdout, stderr } = await runWithTsx(file, [root, JSON.stringify(lines)])
    expect([code, stderr]).toEqual([0, ''])
    const answers: Record<string, ProgramResult> = JSON.parse(stdout)
    expect(Object.keys(answers)).toEqual(lines)
    const { doctor, ...others } = answers
    for (const [line, answer] of Object.entries(others)) {
      expect({ line, ...answer }).toMatchObject({ line, code: 2, stdout: '' })
      expect(answer.stderr).toContain(`git-task: no permission to use ${root}`)
    }
    expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining(directory) })
    await rm(root, { recursive: true })
  })
})

async function looksAtNothing(line: string, run: Run): Promise<void> {
  const directory = await temporaryDirectory()
  const [code, says] = Object.entries(ON_NOTHING).find(([known]) => known === line)?.[1] ?? []
  const answer = await run('--root', join(directory, 'root'), ...line.split(' '))
  expect({ line, ...answer }).toMatchObject({ line, code })
  const beside = code === 0 ? answer.stderr : answer.stdout
  expect(beside, line).toBe(says === NO_ENVIRONMENT ? NO_ENVIRONMENT : '')
  expect(`${answer.stdout}${answer.stderr}`).toContain(says)
  expect(await readdir(directory), line).toEqual([])
}
