import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Column, formatTable } from '../../../src/cli/terminal/table.js'
import { shorten, widthOf } from '../../../src/cli/terminal/text-width.js'

type Row = readonly [name: string, branch: string, age: string]

const COLUMNS: readonly Column<Row>[] = [
  { head: 'NAME', cell: ([name]) => name, least: 4 },
  { head: 'BRANCH', cell: ([, branch]) => branch, least: 8, shortenedAt: 'middle', leaveOut: 1 },
  { head: 'AGE', cell: ([, , age]) => ({ text: age, style: 'yellow' }), align: 'right', leaveOut: 2 },
]
const ROWS: readonly Row[] = [
  ['task-1', 'agent/backend/task-1', '3m'],
  ['task-22', 'main', '10h'],
]

const text = fc.string({ unit: 'grapheme', maxLength: 40 })

function tableIn(columns: number | undefined, rows: readonly Row[] = ROWS): string[] {
  return formatTable(rows, COLUMNS, { columns, colour: 'off' }).split('\n')
}

describe('a table', () => {
  it('is written in full where the output is no terminal', () => {
    expect(tableIn(undefined)).toEqual([
      'NAME     BRANCH                AGE',
      'task-1   agent/backend/task-1   3m',
      'task-22  main                  10h',
    ])
  })

  it('shortens the widest column first, and then leaves out what matters least and says so', () => {
    expect(tableIn(30)).toEqual([
      'NAME     BRANCH            AGE',
      'task-1   agent/ba…/task-1   3m',
      'task-22  main              10h',
    ])
    expect(tableIn(16)).toEqual(['NAME    BRANCH', 'task-1  agen…k-1', 'task-…  main', '(no room for ag…'])
    expect(tableIn(7)).toEqual(['NAME', 'task-1', 'task-22', '(no ro…'])
  })

  it('never has a line that is wider than the terminal, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text)), fc.integer({ min: 8, max: 90 }), (rows, columns) => {
        for (const line of tableIn(columns, rows)) expect(widthOf(line)).toBeLessThanOrEqual(columns)
      }),
    )
  })

  it('keeps its columns in line where characters take two columns or none', () => {
    const rows: readonly Row[] = [
      ['日本語', 'e\u0301a', '1s'],
      ['ascii', '👩‍👩‍👧', '1s'],
    ]
    expect(tableIn(undefined, rows)).toEqual([
      'NAME    BRANCH  AGE',
      '日本語  e\u0301a       1s',
      'ascii   👩‍👩‍👧       1s',
    ])
  })
})

it('a text is shortened to the columns that there are, and no character is cut in two', () => {
  expect(shorten('日本語', 6)).toBe('日本語')
  expect(shorten('日本語', 5)).toBe('日本…')
  expect(shorten('日本語', 4)).toBe('日…')
  expect(shorten('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…')
  expect(shorten('anything', 0)).toBe('')
  fc.assert(
    fc.property(
      text,
      fc.nat(50),
      fc.constantFrom('end' as const, 'middle' as const),
      (value, columns, at) => {
        expect(widthOf(shorten(value, columns, at))).toBeLessThanOrEqual(columns)
      },
    ),
  )
})
