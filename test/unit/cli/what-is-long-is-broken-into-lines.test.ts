import { beforeAll, expect, it } from 'vitest'
import { buildProgram } from '../../../src/cli/program.js'
import { widthOf } from '../../../src/cli/terminal/text-width.js'
import { wrapped, wrappedLines } from '../../../src/cli/terminal/wrap-text.js'
import { gitTask, gitTaskOn } from '../../helpers/run-git-task.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

let root = ''

beforeAll(async () => {
  root = await temporaryDirectory()
  await gitTask('--root', root, 'prepare', 'shop', 'task-1', '--agent', '漢字の長い名前のエージェント')
})

function without(pattern: RegExp, text: string): string {
  return text.replaceAll(pattern, '')
}

const tooWide = (columns: number) => (line: string) => widthOf(line) > columns

it('help fits the terminal, for every command', async () => {
  const names = buildProgram('text').commands.map((command) => [command.name()])
  for (const columns of [30, 60])
    for (const name of [[], ...names]) {
      const { code, stdout } = await gitTaskOn({ isTTY: true, columns }, ...name, '--help')
      expect(code).toBe(0)
      expect(stdout.split('\n').filter(tooWide(columns))).toEqual([])
    }
})

it.each([
  ['show', 'shop', 'task-1'],
  ['audit', 'shop'],
])('%s fits it, and nothing is left out', async (...args) => {
  const whole = await gitTask('--root', root, ...args)
  expect(whole.stdout.split('\n').some(tooWide(50))).toBe(true)
  for (const columns of [30, 50]) {
    const { stdout } = await gitTaskOn({ isTTY: true, columns }, '--root', root, ...args)
    expect(stdout.split('\n').filter(tooWide(columns))).toEqual([])
    expect(without(/\s/g, stdout)).toBe(without(/\s/g, whole.stdout))
  }
})

it('what goes on is moved in, and an example can still be copied', () => {
  expect(wrapped('name  one two three', { columns: 14 }, { indent: 6 })).toBe('name  one two\nthree')
  const line = `owner     ${'a path '.repeat(6)}`.trimEnd()
  expect(wrapped(line, { columns: 32 }, { indent: 10 }).split('\n')).toEqual([
    'owner     a path a path a path a',
    '          path a path a path',
  ])
  expect(wrappedLines('  $ git task prepare shop task-42 --agent backend', { columns: 36 })).toBe(
    '  $ git task prepare shop task-42 \\\n    --agent backend',
  )
})
