/** What is known of the place that output goes to. */
export interface Screen {
  /** A terminal's width; undefined for a pipe or a file, in which nothing is shortened. */
  readonly columns: number | undefined
  readonly colour: 'on' | 'off'
}

/** As much of a stream as tells what it is. */
interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Where a terminal does not tell its width. */
const USUAL_COLUMNS = 80

/** `NO_COLOR` (no-color.org) comes before `FORCE_COLOR` (force-color.org), and both before what the stream is. */
export function screenOf(output: Output, env: NodeJS.ProcessEnv = process.env): Screen {
  const columns = output.isTTY === true ? output.columns || USUAL_COLUMNS : undefined
  return { columns, colour: wantsColour(output, env) ? 'on' : 'off' }
}

function wantsColour({ isTTY }: Output, env: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isTTY === true && TERM !== 'dumb'
}

/** Select Graphic Rendition, ECMA-48: what turns each on, and what turns it off. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const

export type Style = keyof typeof STYLES

/** The text in a style, where the screen has colours. */
export function painted(text: string, style: Style | undefined, { colour }: Pick<Screen, 'colour'>): string {
  if (style === undefined || colour === 'off' || text === '') return text
  const [on, off] = STYLES[style]
  return `\x1b[${on}m${text}\x1b[${off}m`
}
