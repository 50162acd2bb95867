import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { manyWorkspaces } from './many-workspaces.js'
import { hasTerminals, linesOf, onTerminal, PROGRAM } from './terminal.js'

// Clears the screen, sets the title, turns the writing round, and colours by the second kind of control.
const HOSTILE = 'x\x1b[2J\x1b]0;title\x07\u202egnp\x9b31m\nshop  task-7'
const SHOWN = 'x\\x1b[2J\\x1b]0;title\\x07\\u202egnp\\x9b31m\\x0ashop  task-7'

it.runIf(hasTerminals)(
  "an agent's name moves no cursor and begins no line, on a terminal, in a pipe, and in JSON",
  async () => {
    const root = join(await temporaryDirectory(), 'root')
    await manyWorkspaces(root, { number: 2, agentName: HOSTILE })
    const list = ['--root', root, 'list']
    const shown = await onTerminal(list, { columns: 200 })
    expect(linesOf(shown.shown).filter((line) => line.includes(SHOWN))).toHaveLength(2)
    const piped = await runProgram(process.execPath, [PROGRAM, ...list])
    expect(piped.stderr).toBe('')
    expect(piped.stdout.split('\n')).toHaveLength(4)
    const json = await runProgram(process.execPath, [PROGRAM, ...list, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject([{ agentName: HOSTILE }, { agentName: HOSTILE }])
    for (const output of [linesOf(shown.shown).join(''), piped.stdout, json.stdout])
      expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  },
)

it('in a pipe nothing is coloured unless that is asked for, and no progress is shown', async () => {
  const root = join(await temporaryDirectory(), 'root')
  await manyWorkspaces(root, { number: 1, agentName: 'coder' })
  const look = [PROGRAM, '--root', root, 'list', '--unsaved', '--size']
  const plain = await runProgram(process.execPath, look, { env: { FORCE_COLOR: undefined } })
  expect(plain).toMatchObject({ code: 0, stderr: '' })
  expect(plain.stdout).toMatch(
    /^ENV +TASK +RUN +AGENT +STRATEGY +STATE +BRANCH +AGE +OWNER +UNSAVED +SIZE\nshop +task-0 +- +coder +directory +ready +- +\d+s +gone +none +[\d.]+ kB\n$/,
  )
  const coloured = await runProgram(process.execPath, look, {
    env: { NO_COLOR: undefined, FORCE_COLOR: '1' },
  })
  expect(coloured.stdout).toContain('\x1b[33mgone\x1b[39m')
})
