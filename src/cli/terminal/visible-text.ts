/**
 * Whatever a terminal would obey instead of showing it: C0 and C1 controls (C1 is a second way to begin an escape
 * sequence), marks that turn the direction of writing round (which make a name read as another one), separators that
 * begin a line, and halves of surrogate pairs.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/**
 * Text from elsewhere (branches, agents' names, what git says) as one line that a terminal only shows: what it would
 * obey is written as in a string of JavaScript, `\x1b` or `\u202e`.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, escaped)
}

/**
 * JSON that means the same and holds nothing that a terminal obeys: `JSON.stringify` leaves C1 and the marks as they
 * are.
 */
export function visibleJson(json: string): string {
  return json.replace(UNSAFE, (character) => (character === '\n' ? character : asUnicode(character)))
}

function escaped(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : asUnicode(character)
}

function asUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
