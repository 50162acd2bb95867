/** What takes two columns: Unicode's East Asian wide and full-width blocks (UAX #11), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u
const WITHOUT_WIDTH = /^[\p{Mark}\p{Cf}]+$/u
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

const ELLIPSIS = '…'

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** How many columns of a terminal a text takes; it must hold no control characters. */
export function widthOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length
  return charactersOf(text).reduce((sum, character) => sum + widthOfCharacter(character), 0)
}

/** Which part of a text that is too long is left out. */
export type ShortenedAt = 'end' | 'middle'

/** The text in at most so many columns, with `…` for what is left out. */
export function shorten(text: string, columns: number, at: ShortenedAt = 'end'): string {
  if (widthOf(text) <= columns) return text
  if (columns < 1) return ''
  const room = columns - 1
  const end = at === 'end' ? 0 : Math.floor(room / 2)
  const characters = charactersOf(text)
  const tail = firstOf([...characters].reverse(), end).reverse()
  return [...firstOf(characters, room - end), ELLIPSIS, ...tail].join('')
}

/** The text in pieces of at most so many columns each; a character that is wider is a piece of its own. */
export function cutAt(text: string, columns: number): string[] {
  const pieces: string[] = []
  let [piece, width] = ['', 0]
  for (const character of charactersOf(text)) {
    const own = widthOfCharacter(character)
    if (piece !== '' && width + own > columns) {
      pieces.push(piece)
      ;[piece, width] = ['', 0]
    }
    piece += character
    width += own
  }
  return piece === '' ? pieces : [...pieces, piece]
}

function firstOf(characters: readonly string[], columns: number): string[] {
  let left = columns
  const end = characters.findIndex((character) => {
    left -= widthOfCharacter(character)
    return left < 0
  })
  return characters.slice(0, end < 0 ? characters.length : end)
}

/** As people count them: a letter with its accents is one, a family of five in one picture too. */
function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function widthOfCharacter(character: string): 0 | 1 | 2 {
  if (WIDE.test(character)) return 2
  return WITHOUT_WIDTH.test(character) ? 0 : 1
}
