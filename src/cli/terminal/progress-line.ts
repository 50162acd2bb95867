import { shorten } from './text-width.js'
import { visible } from './visible-text.js'

/** As much of a terminal as progress is written to. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** What is over sooner needs no progress; afterwards the seconds are counted. In milliseconds. */
const QUIET_MS = 300
const TICK_MS = 1000

/** To the line's beginning, and away with what stood there (ECMA-48, EL). */
const CLEAR = '\r\x1b[2K'

/**
 * One line on a terminal that says what is going on and for how long, and is gone afterwards. Nothing at all in a pipe,
 * or where the output is for programs.
 */
export class ProgressLine {
  readonly #output: ProgressOutput | undefined
  readonly #startedAt = performance.now()
  #text = ''
  #shown = ''
  #timer: NodeJS.Timeout | undefined

  constructor(output: ProgressOutput, format: 'text' | 'json') {
    this.#output = output.isTTY === true && format === 'text' ? output : undefined
  }

  /** Says what is going on now. */
  say(text: string): void {
    if (this.#output === undefined) return
    this.#text = text
    if (this.#shown !== '') this.#show()
    else this.#timer ??= this.#begin()
  }

  /** Takes the line away; it may be used again. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#shown !== '') this.#output?.write(CLEAR)
    this.#shown = ''
  }

  #begin(): NodeJS.Timeout {
    const next = (): void => {
      this.#show()
      this.#timer = setTimeout(next, TICK_MS).unref()
    }
    return setTimeout(next, QUIET_MS).unref()
  }

  #show(): void {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1000)
    const text = visible(seconds < 2 ? this.#text : `${this.#text} (${seconds} s)`)
    // One column stays free: in the last one some terminals begin a new line.
    const shown = shorten(text, (this.#output?.columns || 80) - 1)
    if (shown === this.#shown) return
    this.#shown = shown
    this.#output?.write(CLEAR + shown)
  }
}

/** Runs work with a progress line, and takes the line away before anything else is written. */
export async function withProgress<T>(
  format: 'text' | 'json',
  work: (progress: ProgressLine) => Promise<T>,
): Promise<T> {
  const progress = new ProgressLine(process.stderr, format)
  try {
    return await work(progress)
  } finally {
    progress.clear()
  }
}
