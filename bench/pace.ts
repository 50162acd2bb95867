import { field } from './contenders/field.js'

/** How much of it all is done. */
export interface Pace {
  readonly commitsPerFile: number
  readonly mostCommits: number
  /** A cell with more files in all its tasks together is left out. */
  readonly mostFilesAtOnce: number
  /** The first entry that holds a cell's files in all its tasks together; beyond the last one, the least. */
  readonly rounds: readonly { readonly mostFiles: number; readonly rounds: number }[]
  readonly roundsAtLeast: number
  /** No further round of a cell begins after this, once there are enough. */
  readonly secondsAtMost: number
  /** Whose load and footprint are looked at. */
  readonly besidesTime: readonly string[]
  readonly loadRuns: number
  readonly footprintTasks: number
  readonly probeRepeats: number
  /** Of so many together the disk usage is asked. */
  readonly probeWorkspaces: number
}

export const PACES: Readonly<Record<'full' | 'quick', Pace>> = {
  full: {
    commitsPerFile: 10,
    mostCommits: 20_000,
    mostFilesAtOnce: 100_000,
    rounds: [
      { mostFiles: 1_000, rounds: 15 },
      { mostFiles: 10_000, rounds: 11 },
      { mostFiles: 20_000, rounds: 5 },
    ],
    secondsAtMost: 900,
    roundsAtLeast: 3,
    besidesTime: field.map(({ id }) => id),
    loadRuns: 3,
    footprintTasks: 3,
    probeRepeats: 200,
    probeWorkspaces: 500,
  },
  quick: {
    commitsPerFile: 2,
    mostCommits: 500,
    mostFilesAtOnce: 40_000,
    rounds: [
      { mostFiles: 1_000, rounds: 5 },
      { mostFiles: 5_000, rounds: 3 },
    ],
    secondsAtMost: 6,
    roundsAtLeast: 2,
    besidesTime: ['worktree-add', 'prepare-clone', 'prepare-worktree'],
    loadRuns: 1,
    footprintTasks: 1,
    probeRepeats: 40,
    probeWorkspaces: 50,
  },
}
