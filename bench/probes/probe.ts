import type { Place } from '../jobs.js'

export type Series = Readonly<Record<string, number[]>>

/** Something else that is worth a figure; its series are measured in turns. */
export interface Probe {
  readonly name: (how: ProbeSize) => string
  readonly unit: string
  /** Which of the repositories it is measured on. */
  readonly sizes: 'smallest' | 'every'
  run(place: Place, how: ProbeSize): Promise<Series>
}

export interface ProbeSize {
  readonly files: number
  readonly repeats: number
  /** For a probe that is about many of them. */
  readonly workspaces: number
}

/** How long something takes, in milliseconds. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await action()
  return performance.now() - startedAt
}
