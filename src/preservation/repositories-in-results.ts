import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { type Entry, readableEntriesIn } from '../fs/presence.js'
import { RESULTS } from './beside.js'
import { hasOwn } from './own-commits.js'
import { together } from './together.js'

export interface ResultsRequest {
  /** The task's folder. */
  readonly rootDir: string
  /** `gone`: it, or its repository, is not in its place, so that any that is found may be it. */
  readonly checkout: 'in place' | 'gone'
  readonly signal?: AbortSignal | undefined
}

/** So many folders are read at the same time. */
const AT_ONCE = 64

/**
 * Repositories among a task's results that are more than a result, relative to the task's folder: a checkout that was
 * moved there, a linked worktree, and any with commits or stashes of its own. One that somebody has only fetched goes
 * with the results, and so does what is in a folder that cannot be read.
 *
 * Every folder is looked at, since an agent may have moved its checkout to any of them. Memory grows with the breadth of
 * the tree, not with its size.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function repositoriesInResults({
  rootDir,
  checkout,
  signal,
}: ResultsRequest): Promise<string[]> {
  const found: string[] = []
  const waiting: Place[] = RESULTS.map((path) => ({ path, inside: 'results' }))
  while (waiting.length > 0) {
    throwIfStopped(signal)
    const some = waiting.splice(-AT_ONCE).map((place) => lookAt(rootDir, place, checkout))
    for (const { path, repository, below } of await together(some)) {
      if (repository === 'counts') found.push(path)
      for (const place of below) waiting.push(place)
    }
  }
  return found.sort()
}

/** A folder, relative to the task's. */
interface Place {
  readonly path: string
  /** `repository`: of one that was only fetched, whose submodules were fetched with it. */
  readonly inside: 'results' | 'repository'
}

interface Looked {
  readonly path: string
  readonly repository: 'counts' | 'none'
  /** Folders to look into; none in a repository that counts, since it is taken whole. */
  readonly below: readonly Place[]
}

async function lookAt(rootDir: string, place: Place, checkout: ResultsRequest['checkout']): Promise<Looked> {
  const { path } = place
  const entries = (await readableEntriesIn(join(rootDir, path))) ?? []
  const gitDir = gitDirAmong(entries, join(rootDir, path))
  // What a prepare has written into the checkout, and nowhere else.
  const isCheckout = entries.some(({ name }) => name === '.agent_context')
  if (isCheckout || (await counts(gitDir, place, checkout))) return { path, repository: 'counts', below: [] }
  const isBare = typeof gitDir === 'object' && gitDir.gitDir === join(rootDir, path)
  const folders = isBare ? [] : entries.filter((entry) => entry.isDirectory() && entry.name !== '.git')
  const inside = gitDir === undefined ? place.inside : 'repository'
  return { path, repository: 'none', below: folders.map(({ name }) => ({ path: `${path}/${name}`, inside })) }
}

async function counts(
  gitDir: GitDir | undefined,
  { inside }: Place,
  checkout: ResultsRequest['checkout'],
): Promise<boolean> {
  if (gitDir === undefined) return false
  if (checkout === 'gone') return true
  return gitDir === 'linked' ? inside === 'results' : hasOwn(gitDir)
}

type GitDir = { readonly gitDir: string } | 'linked'

/** gitrepository-layout(5): a folder `.git`, a file of that name for a linked worktree, or a bare repository. */
function gitDirAmong(entries: readonly Entry[], folder: string): GitDir | undefined {
  const dotGit = entries.find(({ name }) => name === '.git')
  if (dotGit !== undefined) return dotGit.isDirectory() ? { gitDir: join(folder, '.git') } : 'linked'
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name))
  const isBare = folders.has('objects') && folders.has('refs') && entries.some(({ name }) => name === 'HEAD')
  return isBare ? { gitDir: folder } : undefined
}
