import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { widthOf } from '../../src/cli/terminal/text-width.js'
import { runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { manyWorkspaces } from './many-workspaces.js'
import { hasTerminals, linesOf, onTerminal, PROGRAM } from './terminal.js'

const NUMBER = 500
const AGENT = '日本のエージェント'
let root = ''

beforeAll(async () => {
  root = join(await temporaryDirectory(), 'root')
  await manyWorkspaces(root, { number: NUMBER, agentName: AGENT })
})

it.runIf(hasTerminals)(
  'shows 500 workspaces on a terminal of 40 columns and of 200, and none of its lines is wider',
  async () => {
    const narrow = await onTerminal(['--root', root, 'list', '--size'], { columns: 40 })
    expect(narrow.code).toBe(0)
    const lines = linesOf(narrow.shown)
    expect(lines[0]).toMatch(/^ENV +TASK +STATE +AGE +SIZE$/)
    expect(lines.filter((line) => /^shop +task-\d+ +ready +\d+s +[\d.]+ kB$/.test(line))).toHaveLength(NUMBER)
    expect(lines.filter((line) => widthOf(line) > 40)).toEqual([])
    expect(lines.at(-2)).toBe('(no room for strategy, agent, owner)')

    const byGit = await onTerminal(['--root', root, 'list', '--size'], { columns: 40, through: 'git' })
    expect(byGit.code).toBe(0)
    const withoutAge = (line: string) => line.replace(/\d+s/, '')
    expect(linesOf(byGit.shown).map(withoutAge)).toEqual(lines.map(withoutAge))

    const wide = await onTerminal(['--root', root, 'list'], { columns: 200 })
    const [head, first] = linesOf(wide.shown)
    expect(head).toMatch(/^ENV +TASK +AGENT +STRATEGY +STATE +AGE +OWNER$/)
    expect(first).toMatch(/^shop +task-0 +日本のエージェント +directory +ready +\d+s +gone$/)
    expect(wide.shown).toContain('\x1b[1mENV\x1b[22m')

    const usage = await onTerminal(['--root', root, 'usage'], { columns: 40, env: { NO_COLOR: '1' } })
    const bars = linesOf(usage.shown)
    expect(bars.filter((line) => /^shop +task-\d+ +[\d.]+ kB +█+$/.test(line))).toHaveLength(NUMBER)
    expect(bars.filter((line) => widthOf(line) > 40)).toEqual([])
    expect(usage.shown).not.toContain('\x1b[36m')
  },
)

it('tells a pipe all of 500 workspaces, every column included, as text and as JSON', async () => {
  const told = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [PROGRAM, '--root', root, ...args])
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
    return stdout
  }
  const rows = (await told('list')).trimEnd().split('\n').slice(1)
  expect(rows).toHaveLength(NUMBER)
  expect(rows.filter((row) => !row.includes(AGENT) || !row.includes('gone'))).toEqual([])
  const sessions: { taskId: string }[] = JSON.parse(await told('list', '--json'))
  expect(new Set(sessions.map(({ taskId }) => taskId)).size).toBe(NUMBER)
  const usage = JSON.parse(await told('usage', '--json'))
  expect(usage.environments[0].workspaces).toHaveLength(NUMBER)
})
