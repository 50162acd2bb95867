import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readArguments, USAGE, UsageError } from '../../examples/demo/arguments.js'
import { runExample } from '../helpers/run-example.js'
import type { ProgramResult } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'

const EXAMPLES = [
  'one-task',
  'parallel-agents',
  'persistent-agent-clones',
  'custom-strategy',
  'dependency-levels',
  'agents',
] as const

test.each(EXAMPLES)('the example %s keeps its promises and leaves nothing behind', async (name) => {
  const { result, left } = await runWithTemp(`examples/${name}/${name}.ts`)
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(result.stdout).toContain('All as promised.')
  expect(left).toEqual([])
})

test('the examples for those who come from another system keep their promises', async () => {
  const { result, left } = await runWithTemp('examples/coming-from/coming-from.ts')
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(result.stdout.match(/^(?:[A-E]: .*|All as promised\.)$/gm)).toEqual([
    expect.stringMatching(/^A: /),
    'All as promised.',
    expect.stringMatching(/^B: /),
    'All as promised.',
    expect.stringMatching(/^C: /),
    'All as promised.',
    expect.stringMatching(/^D: /),
    'All as promised.',
    expect.stringMatching(/^E: /),
    'All as promised.',
  ])
  expect(left).toEqual([])
})

describe('the demo', () => {
  // test/docs/pictures-show-what-is-there runs it with eight on a terminal, as readers do, and compares every line.
  test('proves isolation of its agents, and writes neither colours nor cursor movements into a pipe', async () => {
    const { result, left } = await runWithTemp('examples/demo/demo.ts', '--tasks', '3')
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain('3 of 3 branches are on the remote')
    expect(result.stdout).toContain('0 lock errors')
    expect(result.stdout).toContain('total')
    expect(result.stdout).not.toContain('\u001B')
    expect(left).toEqual([])
  })

  test('refuses wrong arguments with a usage line and exit code 2', async () => {
    const { result } = await runWithTemp('examples/demo/demo.ts', '--nonsense')
    expect(result.code).toBe(2)
    expect(result.stderr).toContain('Usage: npm run demo')
    for (const tasks of ['0', '65', 'two'])
      expect(() => readArguments(['--tasks', tasks])).toThrow(UsageError)
    expect(() => readArguments(['--strategy', 'local'])).toThrow(UsageError)
  })

  test('tells of every option when asked for help', () => {
    expect(readArguments(['--help'])).toBeUndefined()
    for (const option of ['--source', '--tasks', '--strategy', '--push']) expect(USAGE).toContain(option)
  })
})

/** Runs a program whose temporary directory is its own, and tells what is left in there afterwards. */
async function runWithTemp(
  file: string,
  ...args: string[]
): Promise<{ result: ProgramResult; left: string[] }> {
  const temp = await temporaryDirectory()
  const result = await runExample(file, args, { env: { TMPDIR: temp, TMP: temp, TEMP: temp } })
  return { result, left: await readdir(temp) }
}
