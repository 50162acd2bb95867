/** A stretch of a line in one style. */
export interface Span {
  readonly column: number
  readonly text: string
  /** Class names of the pictures' style sheet. */
  readonly style: string
}

interface Cell {
  readonly character: string
  readonly style: string
}

const COLOURS = ['', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', ''] as const

const ESC = String.fromCharCode(0x1b)
const CONTROL = `${String.fromCharCode(0)}-${String.fromCharCode(0x1f)}`

const PART = new RegExp(
  [
    `${ESC}\\[(?<values>[0-9;?]*)(?<verb>[A-Za-z])`,
    `${ESC}[()][A-Z0-9]`,
    `(?<control>[${CONTROL}])`,
    `(?<text>[^${CONTROL}]+)`,
  ].join('|'),
  'g',
)

/** What is on a terminal after a program has written to it: as much of one as the programs here make use of. */
export function screenOf(output: string, columns: number): Span[][] {
  const screen = new Screen(columns)
  for (const { groups } of output.matchAll(PART)) {
    const { values = '', verb, control, text } = groups ?? {}
    if (text !== undefined) screen.write(text)
    else if (control !== undefined) screen.control(control)
    else if (verb !== undefined) screen.obey(verb, values)
  }
  return screen.lines()
}

class Screen {
  readonly #rows: Cell[][] = [[]]
  readonly #columns: number
  readonly #styles = new Set<string>()
  #row = 0
  #column = 0

  constructor(columns: number) {
    this.#columns = columns
  }

  write(text: string): void {
    const style = [...this.#styles].join(' ')
    for (const character of text) {
      if (this.#column === this.#columns) this.#newLine()
      this.#cells()[this.#column] = { character, style }
      this.#column += 1
    }
  }

  control(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#down()
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1)
  }

  obey(verb: string, values: string): void {
    const count = Math.max(1, Number.parseInt(values, 10) || 1)
    if (verb === 'm') for (const value of values.split(';')) this.#paint(Number(value))
    else if (verb === 'A') this.#row = Math.max(0, this.#row - count)
    else if (verb === 'B') for (let at = 0; at < count; at += 1) this.#down()
    else if (verb === 'G') this.#column = count - 1
    else if (verb === 'K') this.#cells().splice(values === '2' ? 0 : this.#column)
    else if (verb === 'J') this.#rows.splice(this.#row + 1)
    else if (!'hl'.includes(verb)) throw new Error(`the screen does not know ESC[${values}${verb}`)
  }

  lines(): Span[][] {
    const lines = this.#rows.map(spansOf)
    while (lines.at(-1)?.length === 0) lines.pop()
    return lines
  }

  #paint(value: number): void {
    if (value === 0) this.#styles.clear()
    else if (value === 1) this.#styles.add('strong')
    else if (value === 2) this.#styles.add('faint')
    else if (value === 22) for (const style of ['strong', 'faint']) this.#styles.delete(style)
    else if ((value >= 30 && value <= 39) || (value >= 90 && value <= 97)) this.#colour(value % 10)
  }

  #colour(number: number): void {
    for (const style of COLOURS) this.#styles.delete(style)
    const colour = COLOURS[number] ?? ''
    if (colour !== '') this.#styles.add(colour)
  }

  #cells(): Cell[] {
    return this.#rows[this.#row] ?? []
  }

  #newLine(): void {
    this.#column = 0
    this.#down()
  }

  #down(): void {
    this.#row += 1
    while (this.#rows.length <= this.#row) this.#rows.push([])
  }
}

/** Words that are near each other and of one style make a span; wide gaps begin a new one. */
function spansOf(cells: readonly Cell[]): Span[] {
  const spans: Span[] = []
  let blanks = Number.POSITIVE_INFINITY
  // Not every cell has been written to.
  for (const [column, cell] of Array.from(cells, (each) => each ?? BLANK).entries()) {
    const last = spans.at(-1)
    if (cell.character === ' ') blanks += 1
    else {
      const joins = last !== undefined && blanks < 2 && last.style === cell.style
      if (joins) spans.splice(-1, 1, { ...last, text: last.text + ' '.repeat(blanks) + cell.character })
      else spans.push({ column, text: cell.character, style: cell.style })
      blanks = 0
    }
  }
  return spans
}

const BLANK: Cell = { character: ' ', style: '' }
