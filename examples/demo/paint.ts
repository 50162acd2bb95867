import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const { NO_COLOR, FORCE_COLOR, TERM } = process.env

/** Whether lines can be drawn over: a real terminal, no pipe and no file. */
export const isLive = process.stdout.isTTY === true && TERM !== 'dumb'

// https://no-color.org: any value but the empty one switches colour off.
const isColoured = !NO_COLOR && (isLive || Boolean(FORCE_COLOR))

const painter = (style: Style) => (text: string) => (isColoured ? styleText(style, text) : text)

export const bold = painter('bold')
export const dim = painter('dim')
export const green = painter('green')
export const red = painter('red')
export const cyan = painter('cyan')

/** 7 → '7 ms', 1234 → '1.2 s'. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
