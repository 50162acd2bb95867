import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { isWorkspaceError } from '../errors/workspace-error.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { type Entry, readableEntriesIn } from '../fs/presence.js'
import { readAgentHead, readRef, readRefs } from '../git/agent-git-dir.js'
import { readPlain } from '../git/plain-files.js'
import { RESULTS } from './beside.js'

export interface ResultsRequest {
  /** The task's folder. */
  readonly rootDir: string
  /** `gone`: it, or its repository, is not in its place, so that any that is found may be it. */
  readonly checkout: 'in place' | 'gone'
}

/** So many folders deep below each folder of results. */
const MAX_DEPTH = 4

const MAX_FETCHED_BYTES = 1024 * 1024

/**
 * Repositories among a task's results that are more than a result, relative to the task's folder: a checkout that was
 * moved there, a linked worktree, and any with commits or stashes of its own. One that somebody has only fetched goes
 * with the results, and so does what is deeper down or in a folder that cannot be read.
 */
export async function repositoriesInResults({ rootDir, checkout }: ResultsRequest): Promise<string[]> {
  const found: string[] = []
  let folders: readonly string[] = RESULTS
  for (let depth = 0; depth <= MAX_DEPTH && folders.length > 0; depth += 1) {
    const looked = await fewAtATime(folders, (path) => lookAt(rootDir, path, checkout))
    for (const { path, repository } of looked) if (repository === 'counts') found.push(path)
    folders = looked.flatMap(({ below }) => below)
  }
  return found
}

interface Looked {
  readonly path: string
  readonly repository: 'counts' | 'none'
  /** Folders to look into; none in a repository. */
  readonly below: readonly string[]
}

async function lookAt(rootDir: string, path: string, checkout: ResultsRequest['checkout']): Promise<Looked> {
  const entries = (await readableEntriesIn(join(rootDir, path))) ?? []
  const gitDir = gitDirAmong(entries, join(rootDir, path))
  // What a prepare has written into the checkout, and nowhere else.
  const isCheckout = entries.some(({ name }) => name === '.agent_context')
  if (gitDir === undefined && !isCheckout) {
    const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${path}/${name}`)
    return { path, repository: 'none', below }
  }
  const isMoved = isCheckout || checkout === 'gone'
  const counts = isMoved || gitDir === undefined || gitDir === 'linked' || (await hasOwn(gitDir))
  return { path, repository: counts ? 'counts' : 'none', below: [] }
}

/** gitrepository-layout(5): a folder `.git`, a file of that name for a linked worktree, or a bare repository. */
function gitDirAmong(
  entries: readonly Entry[],
  folder: string,
): { readonly gitDir: string } | 'linked' | undefined {
  const dotGit = entries.find(({ name }) => name === '.git')
  if (dotGit !== undefined) return dotGit.isDirectory() ? { gitDir: join(folder, '.git') } : 'linked'
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name))
  const isBare = folders.has('objects') && folders.has('refs') && entries.some(({ name }) => name === 'HEAD')
  return isBare ? { gitDir: folder } : undefined
}

/** Whether it names a commit that it has not fetched under that name; what cannot be read counts. */
export async function hasOwn({ gitDir }: { readonly gitDir: string }): Promise<boolean> {
  const agent = { gitDir, commonDir: gitDir }
  try {
    const { commit } = await readAgentHead(agent)
    const own = [
      commit,
      await readRef(agent, 'refs/stash'),
      ...(await readRefs(agent, ['refs/heads/'])).values(),
    ]
    const theirs = new Set((await readRefs(agent, ['refs/remotes/'])).values())
    const fetched = (await readPlain(join(gitDir, 'FETCH_HEAD'), MAX_FETCHED_BYTES)) ?? ''
    for (const line of fetched.split('\n')) theirs.add(line.split('\t')[0] ?? '')
    return own.some((oid) => oid !== undefined && !theirs.has(oid))
  } catch (error) {
    if (!isWorkspaceError(error) && !isSystemError(error, 'EACCES', 'EPERM', 'ENAMETOOLONG')) throw error
    return true
  }
}
