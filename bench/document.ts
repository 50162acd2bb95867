import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chart } from './chart.js'
import { report } from './report.js'
import type { Results } from './results.js'

export const BEGIN =
  '<!-- bench:begin. Written by `npm run bench`; what is between these two lines is replaced. -->'
export const END = '<!-- bench:end -->'
const IMAGE = '![Time to a ready checkout, as a multiple of `git worktree add`](performance.svg)'

/** Writes the chart, and the figures between the markers of the document; the rest of it is left as it is. */
export async function writeDocument(folder: string, results: Results): Promise<void> {
  const file = join(folder, 'performance.md')
  const text = await readFile(file, 'utf8')
  await writeFile(file, withFigures(text, `${IMAGE}\n\n${report(results)}`))
  await writeFile(join(folder, 'performance.svg'), chart(results))
}

/** @throws where the document has not exactly the two markers, in their order. */
export function withFigures(text: string, figures: string): string {
  const [before, rest, ...more] = text.split(BEGIN)
  const [, after, ...evenMore] = rest?.split(END) ?? []
  if (before === undefined || after === undefined || more.length > 0 || evenMore.length > 0)
    throw new Error(`the document needs one line "${BEGIN}" and after it one line "${END}"`)
  return `${before}${BEGIN}\n\n${figures}\n\n${END}${after}`
}
