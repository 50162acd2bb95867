import { page, text } from './svg.js'
import { type Span, screenOf } from './terminal-screen.js'

/** A command that was typed, and what the terminal then showed. */
export interface Recording {
  readonly command: string
  readonly output: string
}

export interface TerminalPicture {
  readonly title: string
  readonly columns: number
  readonly recordings: readonly Recording[]
  /** How many rows are seen at once, where there are more: the picture then scrolls. */
  readonly window?: number
}

const CHARACTER = 7.8
const ROW = 18
const LEFT = 16
const TOP = 14
/** How long a screen full of rows stands still, in seconds. */
const REST = 4

/** A terminal as a picture: each command with its output. */
export function terminalPicture({ title, columns, recordings, window }: TerminalPicture): string {
  const rows = rowsOf(recordings, columns)
  const width = Math.round(2 * LEFT + columns * CHARACTER)
  const seen = Math.min(rows.length, window ?? rows.length)
  const drawn = rows.flatMap((spans, row) => spans.map((span) => drawSpan(span, row)))
  const content = seen < rows.length ? scrolling(drawn, rows.length, seen) : drawn
  return page({ title, width, height: 2 * TOP + seen * ROW }, content)
}

/** The lines of a whole terminal, the prompts included. */
export function rowsOf(recordings: readonly Recording[], columns: number): Span[][] {
  return recordings.flatMap(({ command, output }, at) => [
    ...(at === 0 ? [] : [[]]),
    [
      { column: 0, text: '$', style: 'faint' },
      { column: 2, text: command, style: 'strong' },
    ],
    ...screenOf(output, columns),
  ])
}

function drawSpan({ column, text: content, style }: Span, row: number): string {
  const x = Number((LEFT + column * CHARACTER).toFixed(1))
  return text(x, TOP + (row + 0.75) * ROW, content, { style: `mono ${style}`.trim() })
}

/** From screen to screen and back to the first; who asks for less motion sees the last one. */
function scrolling(parts: readonly string[], rows: number, seen: number): string[] {
  const last = rows - seen
  const stops = [...Array.from({ length: Math.ceil(last / (seen - 2)) }, (_, at) => at * (seen - 2)), last]
  const frames = stops.map((row, at) => `${percent(at, stops)}, ${percent(at + 0.9, stops)} { ${move(row)} }`)
  return [
    '<style>',
    `  .reel { ${move(last)} }`,
    '  @media (prefers-reduced-motion: no-preference) {',
    `    .reel { animation: reel ${stops.length * REST}s infinite }`,
    '  }',
    `  @keyframes reel { ${frames.join(' ')} }`,
    '</style>',
    '<g class="reel">',
    ...parts,
    '</g>',
  ]
}

const percent = (at: number, { length }: readonly number[]) => `${((at * 100) / length).toFixed(1)}%`

const move = (row: number) => `transform: translateY(${-row * ROW}px)`
