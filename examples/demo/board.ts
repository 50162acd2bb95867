import { bold, cyan, dim, green, isLive, red } from './paint.js'

type Mark = 'waiting' | 'working' | 'done' | 'failed'

const MARKS: Readonly<Record<Mark, string>> = {
  waiting: dim('·'),
  working: cyan('›'),
  done: green('✓'),
  failed: red('✗'),
}

/**
 * Shows what every task is doing: on a terminal one line per task that changes in place, in a pipe one plain
 * line per result.
 */
export class Board {
  readonly #rows = new Map<string, { mark: Mark; text: string }>()
  #drawn = 0

  /** Starts a chapter: what was shown before stays, a fresh set of rows begins. */
  chapter(title: string, rows: readonly string[] = []): void {
    this.#rows.clear()
    this.#drawn = 0
    console.log(`\n${bold(title)}`)
    for (const row of rows) this.#rows.set(row, { mark: 'waiting', text: dim('waiting') })
    this.#redraw()
  }

  update(row: string, mark: Mark, text: string): void {
    this.#rows.set(row, { mark, text })
    if (this.#isLive) this.#redraw()
    else if (mark === 'done' || mark === 'failed') console.log(line(row, mark, text))
  }

  /** A line below the rows, or on its own. */
  note(text: string): void {
    console.log(`  ${text}`)
  }

  verdict(kept: boolean, promise: string): void {
    console.log(`  ${kept ? MARKS.done : MARKS.failed} ${promise}`)
  }

  // More rows than the screen has cannot be drawn over.
  get #isLive(): boolean {
    return isLive && this.#rows.size < process.stdout.rows - 2
  }

  #redraw(): void {
    if (!this.#isLive || this.#rows.size === 0) return
    const up = this.#drawn === 0 ? '' : `\u001B[${this.#drawn}A`
    const lines = [...this.#rows].map(([row, { mark, text }]) => `\u001B[2K${line(row, mark, text)}\n`)
    process.stdout.write(up + lines.join(''))
    this.#drawn = lines.length
  }
}

function line(row: string, mark: Mark, text: string): string {
  // A line that wraps would put the next drawing in the wrong place.
  const room = (process.stdout.columns || 200) - 14
  return `  ${MARKS[mark]} ${row.padEnd(8)} ${isLive ? text.slice(0, room) : text}`
}
