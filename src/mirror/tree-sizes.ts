import type { Git } from '../git/git.js'
import { bytesOfName, listNames } from '../git/listed-names.js'
import { isCheckedOut } from '../git/sparse-cone.js'
import type { Limits } from '../model/limits.js'
import { limitExceeded } from './limit-exceeded.js'
import type { Repository } from './repository.js'

interface TreeCheck {
  readonly commit: string
  /** The folders of a sparse checkout: only their files count, and those directly in folders above. */
  readonly sparse?: readonly string[] | undefined
  readonly limits: Limits
  readonly signal?: AbortSignal | undefined
}

/** No path that a system takes has as many folders, and every folder of an honest tree has a file in it. */
const MAX_FOLDERS_IN_A_ROW = 4_096

/** git's index holds also what a sparse checkout leaves out, so that this may not be without end either. */
const ENTRIES_PER_FILE = 100

/** So many commits are remembered as measured. */
const MAX_KNOWN = 1_000

interface TreeSize {
  readonly files: number
  readonly bytes: number
}

/** Measures the trees of commits before their files are written. What was measured once is remembered. */
export class TreeSizes {
  readonly #git: Git
  readonly #known = new Map<string, TreeSize>()

  constructor(git: Git) {
    this.#git = git
  }

  /**
   * Reads a tree no further than to where it is too large: one that refers to itself a billion times is as quick as
   * any other.
   *
   * @throws GitError LIMIT_EXCEEDED naming the limit and what was found.
   */
  async assertFits(repository: Repository, check: TreeCheck): Promise<void> {
    const { commit, sparse, limits } = check
    if (limits.maxFiles === undefined && limits.maxRepositoryBytes === undefined) return
    const sizes = limits.maxRepositoryBytes === undefined ? 'without sizes' : 'with sizes'
    const key = [sizes, repository.gitDir, commit, ...(sparse ?? ['*'])].join('\0')
    const known = this.#known.get(key)
    const count = new TreeCount(limits)
    if (known !== undefined) return count.add(known)
    await this.#read(repository, check, count)
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(key, count.size)
  }

  async #read(repository: Repository, check: TreeCheck, count: TreeCount): Promise<void> {
    const { commit, sparse, limits, signal } = check
    // A partial mirror has only what is checked out; asking for the size of the rest could fetch it.
    const isPartial = repository.filter !== undefined && sparse !== undefined
    const sizes = limits.maxRepositoryBytes === undefined || isPartial ? [] : ['-l']
    const call = {
      args: ['ls-tree', '-r', '-t', '-z', ...sizes, '--full-tree', commit],
      gitDir: repository.gitDir,
      totalTimeoutMs: this.#git.gitTimeoutMs,
      signal,
    }
    await listNames(this.#git, call, (line) => {
      if (isFolder(line)) count.addFolder()
      else if (isWritten(line, sparse)) count.add({ files: 1, bytes: sizeOf(line) })
      else count.addLeftOut()
    })
  }
}

/** Adds up what a checkout writes. Every addition throws LIMIT_EXCEEDED where it is one too many. */
class TreeCount {
  readonly #limits: Limits
  #files = 0
  #bytes = 0
  #leftOut = 0
  #foldersInARow = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get size(): TreeSize {
    return { files: this.#files, bytes: this.#bytes }
  }

  add({ files, bytes }: TreeSize): void {
    this.#foldersInARow = 0
    this.#files += files
    this.#bytes += bytes
    refuse('maxFiles', this.#limits.maxFiles, this.#files, 'the checkout')
    refuse('maxRepositoryBytes', this.#limits.maxRepositoryBytes, this.#bytes, 'the checkout')
  }

  addFolder(): void {
    this.#foldersInARow += 1
    if (this.#foldersInARow <= MAX_FOLDERS_IN_A_ROW) return
    const { maxFiles } = this.#limits
    if (maxFiles !== undefined)
      refuse(
        'maxFiles',
        maxFiles,
        maxFiles + this.#foldersInARow,
        'the tree, counting folders without files,',
      )
  }

  addLeftOut(): void {
    this.#foldersInARow = 0
    this.#leftOut += 1
    const max = this.#limits.maxFiles
    const entries = max === undefined ? undefined : max * ENTRIES_PER_FILE
    refuse('maxFiles', entries, this.#leftOut, 'what a sparse checkout leaves out')
  }
}

function refuse(limit: keyof Limits, max: number | undefined, found: number, what: string): void {
  if (max !== undefined && found > max) throw limitExceeded({ limit, max, found, what })
}

// `<mode> <type> <oid>[ <size>]\t<path>`, see git-ls-tree(1).
const isFolder = (line: string) => line.startsWith('040000 ')

function isWritten(line: string, sparse: readonly string[] | undefined): boolean {
  if (sparse === undefined) return true
  return isCheckedOut(bytesOfName(line.slice(line.indexOf('\t') + 1)).toString('utf8'), sparse)
}

/** Submodules have none. */
function sizeOf(line: string): number {
  const facts = line.slice(0, line.indexOf('\t'))
  return Number(/ (\d+)$/.exec(facts)?.[1] ?? 0)
}
