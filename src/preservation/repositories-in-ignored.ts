import { basename, dirname, join, relative } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { kindsOf } from '../fs/presence.js'
import { filesAt } from './folder-content.js'
import { hasOwn } from './own-commits.js'

/**
 * Gathers repositories from the paths of files: by the HEAD of a folder `.git`, by a file of that name, which a linked
 * worktree and a submodule have, or by any other HEAD, which may be that of a bare repository.
 */
export class SeenRepositories {
  readonly #found = new Map<string, 'linked' | 'whole' | 'bare'>()

  readonly notice = (path: string): void => {
    const name = basename(path)
    if (name === '.git') this.#found.set(dirname(path), 'linked')
    else if (name === 'HEAD' && basename(dirname(path)) === '.git')
      this.#found.set(dirname(dirname(path)), 'whole')
    // What is in a folder `.git` goes with it.
    else if (name === 'HEAD' && !path.includes('/.git/')) this.#found.set(dirname(path), 'bare')
  }

  /**
   * Those that are more than something fetched, relative to a folder: linked worktrees and submodules, and any with
   * commits or stashes of its own. One inside another goes with it.
   */
  async withWork(directory: string): Promise<string[]> {
    const counting: string[] = []
    for (const [path, kind] of [...this.#found].sort(([one], [other]) => one.length - other.length)) {
      if (counting.some((outer) => path.startsWith(`${outer}/`))) continue
      if (await counts(path, kind)) counting.push(path)
    }
    return counting.map((path) => relative(directory, path)).sort()
  }
}

/** A bare repository that was only fetched cannot be told from one with commits of its own: it keeps all as branches. */
async function counts(path: string, kind: 'linked' | 'whole' | 'bare'): Promise<boolean> {
  if (kind === 'linked') return true
  if (kind === 'whole') return hasOwn({ gitDir: join(path, '.git') })
  const kinds = await kindsOf([join(path, 'objects'), join(path, 'refs')])
  return kinds.every((each) => each === 'directory') && hasOwn({ gitDir: path })
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
