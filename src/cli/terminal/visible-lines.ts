import { visible } from './visible-text.js'

/** Text of several lines that a terminal only shows. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}
