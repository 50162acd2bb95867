import type { Screen } from './screen.js'
import { cutAt, widthOf } from './text-width.js'

/** How the lines that a text is broken into hang together. */
export interface Wrapping {
  /** How far every line but the first is moved in; less where that leaves too little room. */
  readonly indent: number
  /** What a line that goes on ends in: ` \` lets a shell read on. */
  readonly goesOn?: string
}

/** So much of a line is for text, whatever the indent. */
const LEAST_ROOM = 20

/**
 * One line, as several where the terminal is narrower: broken between words, and within one that is longer than a line.
 * In a pipe it stays as it is.
 */
export function wrapped(text: string, { columns }: Pick<Screen, 'columns'>, wrapping: Wrapping): string {
  if (columns === undefined || widthOf(text) <= columns) return text
  const { goesOn = '' } = wrapping
  const indent = ' '.repeat(Math.max(0, Math.min(wrapping.indent, columns - LEAST_ROOM)))
  const room = Math.max(1, columns - widthOf(goesOn))
  const lines: string[] = []
  let line = ''
  for (const part of partsOf(text, room - indent.length)) {
    if (widthOf(line + part.trimEnd()) > room && line.trim() !== '') {
      lines.push(line.trimEnd())
      line = indent + part.trimStart()
    } else line += part
  }
  return [...lines, line.trimEnd()].join(`${goesOn}\n`)
}

/** Words with the space before them; one that no line has room for, in pieces. */
function partsOf(text: string, room: number): string[] {
  const words = text.match(/^\s*\S+|\s+\S+/g) ?? []
  return words.flatMap((word) => {
    const bare = word.trimStart()
    if (widthOf(bare) <= room) return [word]
    const [first = '', ...rest] = cutAt(bare, Math.max(1, room))
    return [word.slice(0, word.length - bare.length) + first, ...rest]
  })
}

/** Text of several lines, each broken where it is too long; examples so that they can still be copied. */
export function wrappedLines(text: string, screen: Pick<Screen, 'columns'>): string {
  const each = (line: string): string => {
    const indent = line.length - line.trimStart().length + 2
    return wrapped(line, screen, line.trimStart().startsWith('$ ') ? { indent, goesOn: ' \\' } : { indent })
  }
  return text.split('\n').map(each).join('\n')
}
