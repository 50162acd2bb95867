import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type ProgramResult, runExample } from '../helpers/run-program.js'
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
  test.each(['clone'])('with strategy %s proves isolation of eight agents', async (strategy) => {
    const { result, left } = await runWithTemp('examples/demo/demo.ts', '--strategy', strategy)
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain('8 of 8 branches are on the remote')
    expect(result.stdout).toContain('0 lock errors')
    expect(result.stdout).toContain('total')
    expect(left).toEqual([])
  })

  test('writes neither colours nor cursor movements into a pipe', async () => {
    const { result } = await runWithTemp('examples/demo/demo.ts', '--tasks', '1')
    expect(result.stdout).not.toContain('\u001B')
  })

  test.each([['--tasks', '0'], ['--nonsense']])(
    'refuses %s %s with a usage line and exit code 2',
    async (...args) => {
      const { result } = await runWithTemp('examples/demo/demo.ts', ...args)
      expect(result.code).toBe(2)
      expect(result.stderr).toContain('Usage: npm run demo')
    },
  )

  test('answers --help', async () => {
    const { result } = await runWithTemp('examples/demo/demo.ts', '--help')
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain('--push')
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
