import { basename, dirname, join, relative } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { textOfBytes } from '../fs/byte-names.js'
import { kindsOf } from '../fs/presence.js'
import { filesAt } from './folder-content.js'
import { hasOwn } from './own-commits.js'

/**
 * Gathers repositories from the paths of files: by the HEAD of a folder `.git`, by a file of that name, which a linked
 * worktree and a submodule have, or by any other HEAD, which may be that of a bare repository.
 */
export class SeenRepositories {
  readonly #directory: string
  readonly #found = new Map<string, 'linked' | 'whole' | 'bare'>()

  /** @param directory that all paths are in, and that the answers are relative to. */
  constructor(directory: string) {
    this.#directory = directory
  }

  readonly notice = (path: string): void => {
    const name = basename(path)
    if (name === '.git') this.#found.set(dirname(path), 'linked')
    else if (name === 'HEAD' && basename(dirname(path)) === '.git')
      this.#found.set(dirname(dirname(path)), 'whole')
    // What is in a folder `.git` goes with it.
    else if (name === 'HEAD' && !path.includes('/.git/', this.#directory.length))
      this.#found.set(dirname(path), 'bare')
  }

  /**
   * Those that are more than something fetched: linked worktrees and submodules, and any with commits or stashes of its
   * own. One inside another goes with it.
   */
  async withWork(): Promise<string[]> {
    const counting: string[] = []
    for (const [path, kind] of [...this.#found].sort(([one], [other]) => one.length - other.length)) {
      if (counting.some((outer) => path.startsWith(`${outer}/`))) continue
      if (await counts(path, kind)) counting.push(path)
    }
    return counting.map((path) => relative(this.#directory, path)).sort()
  }
}

/** A bare repository that was only fetched cannot be told from one with commits of its own: it keeps all as branches. */
async function counts(path: string, kind: 'linked' | 'whole' | 'bare'): Promise<boolean> {
  if (kind === 'linked') return true
  if (kind === 'whole') return hasOwn({ gitDir: join(path, '.git') })
  return (await isBare(path)) && hasOwn({ gitDir: path })
}

async function isBare(folder: string): Promise<boolean> {
  const [head, ...others] = await kindsOf(['HEAD', 'objects', 'refs'].map((name) => join(folder, name)))
  return head === 'file' && others.every((kind) => kind === 'directory')
}

/**
 * Which of the ignored names are in a bare repository: git takes that for a folder like any other, and a branch
 * `build/fix` in it for a file of the build. Names have one character for each byte.
 */
export async function inBareRepositories(workDir: string, names: ReadonlySet<string>): Promise<string[]> {
  const known = new Map<string, Promise<boolean>>()
  const isInside = async (name: string): Promise<boolean> => {
    const folder = dirname(name)
    if (folder === '.') return false
    const found = known.get(folder) ?? isBare(join(workDir, textOfBytes(Buffer.from(folder, 'latin1'))))
    known.set(folder, found)
    return (await found) || isInside(folder)
  }
  const inside: string[] = []
  for (const name of names) if (await isInside(name)) inside.push(name)
  return inside
}

/** Such repositories among what is ignored in a checkout. */
export async function repositoriesInIgnored(
  workDir: string,
  ignored: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const seen = new SeenRepositories(workDir)
  for await (const file of filesAt(workDir, ignored)) {
    throwIfStopped(signal)
    seen.notice(file)
  }
  return seen.withWork()
}
