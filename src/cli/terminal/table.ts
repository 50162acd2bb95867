import { fitColumns } from './fit-columns.js'
import { painted, type Screen, type Style } from './screen.js'
import { type ShortenedAt, shorten, widthOf } from './text-width.js'
import { visible } from './visible-text.js'

/** A cell, in a style of its own or plain. */
export type Cell = string | { readonly text: string; readonly style: Style | undefined }

export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => Cell
  /** How narrow it may become on a narrow terminal; absent: it is never shortened. */
  readonly least?: number
  readonly shortenedAt?: ShortenedAt
  /** Default `left`. */
  readonly align?: 'left' | 'right'
  /** Where not even the least widths fit, the columns of the highest rank are left out first; absent: it stays. */
  readonly leaveOut?: number
}

const GAP = '  '
/** What stands where there is nothing to say. */
export const NOTHING = '-'

/**
 * Rows as lines of aligned columns, under a head. On a terminal no line is wider than that: cells are shortened, and
 * where that does not help columns are left out, of which a last line tells. In a pipe all is written in full.
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  screen: Screen,
): string {
  const worded = columns.map((column) => inWords(column, rows))
  const told = screen.columns === undefined ? worded : worded.filter(saysAnything)
  const { widths, left } = fitColumns(told, screen.columns)
  const kept = told.filter((column) => !left.includes(column))
  const lines = ['head' as const, ...rows.keys()].map((row) => line(kept, widths, row, screen))
  return [...lines, ...notice(left, screen)].join('\n')
}

/** A column with all its texts, and the width of the widest. */
interface Worded {
  readonly head: string
  readonly cells: readonly { readonly text: string; readonly style: Style | undefined }[]
  readonly width: number
  readonly least: number
  readonly shortenedAt: ShortenedAt
  readonly align: 'left' | 'right'
  readonly leaveOut: number | undefined
}

function inWords<Row>(
  { head, cell, least, shortenedAt = 'end', align = 'left', leaveOut }: Column<Row>,
  rows: readonly Row[],
): Worded {
  const cells = rows.map((row) => {
    const given = cell(row)
    const { text, style } = typeof given === 'string' ? { text: given, style: undefined } : given
    return { text: visible(text), style }
  })
  const width = cells.reduce((most, { text }) => Math.max(most, widthOf(text)), widthOf(head))
  const narrowest = Math.min(width, Math.max(least ?? width, widthOf(head)))
  return { head, cells, width, least: narrowest, shortenedAt, align, leaveOut }
}

/** A terminal has no room for a column in which nobody has anything. */
function saysAnything({ cells, leaveOut }: Worded): boolean {
  return leaveOut === undefined || cells.some(({ text }) => text !== NOTHING && text !== '')
}

function line(
  columns: readonly Worded[],
  widths: readonly number[],
  row: number | 'head',
  screen: Screen,
): string {
  const cells = columns.map(({ head, cells, shortenedAt, align }, index) => {
    const { text, style } = row === 'head' ? { text: head, style: 'bold' as const } : (cells[row] ?? EMPTY)
    const width = widths[index] ?? 0
    const short = shorten(text, width, shortenedAt)
    const space = ' '.repeat(Math.max(0, width - widthOf(short)))
    return align === 'right' ? space + painted(short, style, screen) : painted(short, style, screen) + space
  })
  return cells.join(GAP).trimEnd()
}

const EMPTY = { text: '', style: undefined } as const

function notice(left: readonly Worded[], screen: Screen): string[] {
  if (left.length === 0) return []
  const names = left.map(({ head }) => head.toLowerCase()).join(', ')
  return [painted(shorten(`(no room for ${names})`, screen.columns ?? 0), 'dim', screen)]
}
