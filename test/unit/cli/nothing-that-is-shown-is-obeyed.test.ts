import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shellWord } from '../../../src/cli/shell-word.js'
import { formatTable } from '../../../src/cli/terminal/table.js'
import { visible, visibleJson } from '../../../src/cli/terminal/visible-text.js'
import { anyText } from '../../helpers/any-text.js'

/** What terminals obey: controls of both kinds, turned writing, and whatever begins a line. */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u

const hostile = fc.oneof(
  anyText(),
  fc.constantFrom(
    '\x1b[2J\x1b[1;1H',
    '\x9b31m',
    '\x1b]0;title\x07',
    'a\rb',
    'x\u202egnp.exe',
    '\u2028',
    '\ud800',
  ),
)

it('text from elsewhere becomes one line without anything that a terminal obeys', () => {
  expect(visible('agent/\x1b[31mred\n\u202egnp\x9b')).toBe('agent/\\x1b[31mred\\x0a\\u202egnp\\x9b')
  expect(visible('Ünïcödé 日本 👩‍👩‍👧')).toBe('Ünïcödé 日本 👩‍👩‍👧')
  fc.assert(
    fc.property(hostile, (text) => {
      expect(visible(text)).not.toMatch(OBEYED)
    }),
  )
})

it('JSON says the same without anything that a terminal obeys', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const json = visibleJson(JSON.stringify({ [text]: [text] }, null, 2))
      expect(JSON.parse(json)).toEqual({ [text]: [text] })
      expect(json.replaceAll('\n', '')).not.toMatch(OBEYED)
    }),
  )
})

it('a table has as many lines as rows and a head, whatever is in the cells', () => {
  fc.assert(
    fc.property(fc.array(hostile), (names) => {
      const columns = [{ head: 'NAME', cell: (name: string) => name }]
      const table = formatTable(names, columns, { columns: undefined, colour: 'off' })
      expect(table.split('\n')).toHaveLength(names.length + 1)
      expect(table.replaceAll('\n', '')).not.toMatch(OBEYED)
    }),
  )
})

it('a path is one word of a command', () => {
  expect(shellWord('/srv/agents')).toBe('/srv/agents')
  expect(shellWord("/srv/it's $HOME")).toBe("'/srv/it'\\''s $HOME'")
  expect(shellWord('/srv/\x1b')).toBe("$'/srv/\\x1b'")
})
