import { basename, dirname, relative } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { filesAt } from './folder-content.js'
import { hasOwn } from './own-commits.js'

/**
 * Gathers repositories from the paths of files: by the HEAD of a folder `.git`, or by a file of that name, which a linked
 * worktree and a submodule have.
 */
export class SeenRepositories {
  readonly #found = new Map<string, 'linked' | 'whole'>()

  readonly notice = (path: string): void => {
    const name = basename(path)
    if (name === '.git') this.#found.set(dirname(path), 'linked')
    else if (name === 'HEAD' && basename(dirname(path)) === '.git')
      this.#found.set(dirname(dirname(path)), 'whole')
  }

  /**
   * Those that are more than something fetched, relative to a folder: linked worktrees and submodules, and any with
   * commits or stashes of its own. One inside another goes with it.
   */
  async withWork(directory: string): Promise<string[]> {
    const counting: string[] = []
    for (const [path, kind] of [...this.#found].sort(([one], [other]) => one.length - other.length)) {
      if (counting.some((outer) => path.startsWith(`${outer}/`))) continue
      if (kind === 'linked' || (await hasOwn({ gitDir: `${path}/.git` }))) counting.push(path)
    }
    return counting.map((path) => relative(directory, path)).sort()
  }
}

/** Such repositories among what is ignored in a checkout. */
export async function repositoriesInIgnored(
  workDir: string,
  ignored: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const seen = new SeenRepositories()
  for await (const file of filesAt(workDir, ignored)) {
    throwIfStopped(signal)
    seen.notice(file)
  }
  return seen.withWork(workDir)
}
