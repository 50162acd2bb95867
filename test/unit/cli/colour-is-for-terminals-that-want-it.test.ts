import { expect, it } from 'vitest'
import { painted, screenOf } from '../../../src/cli/terminal/screen.js'

it.each([
  { output: { isTTY: true }, env: {}, colour: 'on' },
  { output: {}, env: {}, colour: 'off' },
  { output: { isTTY: true }, env: { TERM: 'dumb' }, colour: 'off' },
  { output: { isTTY: true }, env: { NO_COLOR: '1' }, colour: 'off' },
  { output: { isTTY: true }, env: { NO_COLOR: '' }, colour: 'on' },
  { output: {}, env: { FORCE_COLOR: '1' }, colour: 'on' },
  { output: {}, env: { FORCE_COLOR: '' }, colour: 'on' },
  { output: { isTTY: true }, env: { FORCE_COLOR: '0' }, colour: 'off' },
  { output: { isTTY: true }, env: { NO_COLOR: '1', FORCE_COLOR: '1' }, colour: 'off' },
])('$output with $env: colour is $colour', ({ output, env, colour }) => {
  const screen = screenOf(output, env)
  expect(screen.colour).toBe(colour)
  expect(painted('text', 'red', screen)).toBe(colour === 'on' ? '\x1b[31mtext\x1b[39m' : 'text')
})

it('only a terminal has a width; one that does not tell it has the usual one', () => {
  expect(screenOf({ isTTY: true, columns: 132 }, {}).columns).toBe(132)
  expect(screenOf({ isTTY: true, columns: 0 }, {}).columns).toBe(80)
  expect(screenOf({ columns: 132 }, {}).columns).toBeUndefined()
})
