import type { GitProgress } from './progress.js'

/** What part of the whole each stage of a fetch is, in percent; receiving takes by far the longest. */
const SHARES: readonly (readonly [stage: string, from: number, to: number])[] = [
  ['Counting objects', 0, 4],
  ['Compressing objects', 4, 10],
  ['Receiving objects', 10, 80],
  ['Unpacking objects', 10, 80],
  ['Resolving deltas', 80, 99],
]

/** How far a whole fetch is, told by the stage it is in; undefined for stages that say nothing about it. */
export function fetchPercent({ stage, percent }: GitProgress): number | undefined {
  const share = SHARES.find(([name]) => name === stage)
  if (share === undefined) return undefined
  const [, from, to] = share
  return Math.floor(from + ((to - from) * percent) / 100)
}
