/** One way to give a task its checkout: the default branch's files, on a new branch of the task's own. */
export interface Contender {
  /** For flags and saved results. */
  readonly id: string
  readonly label: string
  readonly maker: 'by hand' | 'ours'
  /** With more files than this in all tasks together it is left out: it would take hours, or the disk. */
  readonly mostFilesAtOnce: number
}

const HEAVY = 100_000
const LIGHT = 1_000_000

const byHand = (id: string, label: string, mostFilesAtOnce: number): Contender =>
  ({ id, label, maker: 'by hand', mostFilesAtOnce }) as const

const ours = (id: string, label: string, mostFilesAtOnce: number): Contender =>
  ({ id, label, maker: 'ours', mostFilesAtOnce }) as const

/** In the order of the tables. */
export const field: readonly Contender[] = [
  byHand('clone-url', 'git clone <url>', HEAVY),
  byHand('clone-depth-1', 'git clone --depth 1 <url>', HEAVY),
  byHand('clone-shared', 'git clone --shared <mirror>', LIGHT),
  byHand('clone-local', 'git clone --local <mirror>', HEAVY),
  byHand('worktree-add', 'git worktree add', LIGHT),
  byHand('worktree-add-locked', 'git worktree add, one at a time', LIGHT),
  ours('prepare-clone', 'prepare, strategy clone', LIGHT),
  ours('prepare-worktree', 'prepare, strategy worktree', LIGHT),
  ours('prepare-clone-fetch', 'prepare, strategy clone, with a fetch', HEAVY),
]

/** What all others are compared with. */
export const REFERENCE = 'worktree-add'

/** @throws where nobody has this id, naming those who have one. */
export function contenderOf(id: string): Contender {
  const found = field.find((contender) => contender.id === id)
  if (found) return found
  throw new Error(`there is no contender "${id}"; there are ${field.map((each) => each.id).join(', ')}`)
}
