import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../../errors/system-error.js'
import type { Git } from '../../git/git.js'

const MAX_BYTES = 1024 * 1024

interface FreshCheckout {
  readonly workDir: string
  /** The repository, for its format alone. */
  readonly gitDir: string
  /** The manager's copy of the index that the checkout left. */
  readonly indexFile: string
}

/** How many commits are remembered; tasks of an environment mostly start from one. */
const MAX_COMMITS = 100

/** What a person should know of a fresh checkout: what was deliberately not done in it. Looked for once a commit. */
export class CheckoutNotices {
  readonly #git: Git
  readonly #known = new Map<string, readonly string[]>()

  constructor(git: Git) {
    this.#git = git
  }

  /**
   * Without a commit, which a custom strategy may leave out, nothing is remembered. In a sparse checkout only what is
   * checked out is looked at.
   */
  async of(
    commit: string | undefined,
    sparse: readonly string[] | undefined,
    checkout: FreshCheckout,
  ): Promise<readonly string[]> {
    const name = commit && [commit, ...(sparse ?? [])].join('\0')
    const known = name === undefined ? undefined : this.#known.get(name)
    if (known !== undefined) return known
    const notices = await lookForNotices(this.#git, checkout)
    if (name === undefined) return notices
    if (this.#known.size >= MAX_COMMITS) this.#known.clear()
    this.#known.set(name, notices)
    return notices
  }
}

async function lookForNotices(git: Git, checkout: FreshCheckout): Promise<string[]> {
  const { gitDir, indexFile } = checkout
  const { stdout } = await git.run({
    args: ['ls-files', '-z', '--', '.gitmodules', ':(glob)**/.gitattributes'],
    gitDir,
    indexFile,
    workTree: checkout.workDir,
  })
  const names = stdout.split('\0').filter((name) => name !== '')
  const notices = await Promise.all(names.map((name) => noticeOf(checkout.workDir, name)))
  return [...new Set(notices.filter((notice) => notice !== undefined))]
}

async function noticeOf(workDir: string, name: string): Promise<string | undefined> {
  const content = (await readPlainFile(join(workDir, name))) ?? ''
  if (name === '.gitmodules' && /^[ \t]*\[submodule /m.test(content)) {
    return 'The repository has submodules; they are not initialised. Run `git submodule update --init` in the workspace.'
  }
  if (name !== '.gitmodules' && /^[^#\n]*\bfilter=lfs\b/m.test(content)) {
    return 'The repository uses Git LFS; its files are pointers. Run `git lfs pull` in the workspace.'
  }
  return undefined
}

async function readPlainFile(path: string): Promise<string | undefined> {
  try {
    const stats = await lstat(path)
    return stats.isFile() && stats.size <= MAX_BYTES ? await readFile(path, 'utf8') : undefined
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}
