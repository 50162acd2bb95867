import { join } from 'node:path'
import { expect, it } from 'vitest'
import { widthOf } from '../../src/cli/terminal/text-width.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { manyWorkspaces } from './many-workspaces.js'
import { hasTerminals, linesOf, onTerminal } from './terminal.js'

it.runIf(hasTerminals)(
  'shows 500 workspaces on a terminal of 40 columns and of 200, and none of its lines is wider',
  async () => {
    const root = join(await temporaryDirectory(), 'root')
    await manyWorkspaces(root, { number: 500, agentName: '日本のエージェント' })
    const narrow = await onTerminal(['--root', root, 'list', '--size'], { columns: 40 })
    expect(narrow.code).toBe(0)
    const lines = linesOf(narrow.shown)
    expect(lines[0]).toMatch(/^ENV +TASK +STATE +AGE +SIZE$/)
    expect(lines.filter((line) => /^shop +task-\d+ +ready +\d+s +[\d.]+ kB$/.test(line))).toHaveLength(500)
    expect(lines.filter((line) => widthOf(line) > 40)).toEqual([])
    expect(lines.at(-2)).toBe('(no room for strategy, agent, owner)')

    const wide = await onTerminal(['--root', root, 'list'], { columns: 200 })
    const [head, first] = linesOf(wide.shown)
    expect(head).toMatch(/^ENV +TASK +AGENT +STRATEGY +STATE +AGE +OWNER$/)
    expect(first).toMatch(/^shop +task-0 +日本のエージェント +directory +ready +\d+s +gone$/)
    expect(wide.shown).toContain('\x1b[1mENV\x1b[22m')

    const usage = await onTerminal(['--root', root, 'usage'], { columns: 40, env: { NO_COLOR: '1' } })
    const bars = linesOf(usage.shown)
    expect(bars.filter((line) => /^shop +task-\d+ +[\d.]+ kB +█+$/.test(line))).toHaveLength(500)
    expect(bars.filter((line) => widthOf(line) > 40)).toEqual([])
    expect(usage.shown).not.toContain('\x1b[36m')
  },
)
