import { realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { namesIn } from '../fs/presence.js'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import { readPlain, tampered } from '../git/plain-files.js'

/** A worktree that the agent has added to the repository of its checkout. */
export interface AddedWorktree {
  readonly name: string
  /** Its HEAD, index and reflog: `worktrees/<name>` of the repository. */
  readonly gitDir: string
  /** Where its files are, or were; undefined where the repository does not say. */
  readonly folder: string | undefined
}

export interface WorktreesRequest {
  readonly agent: AgentGitDir
  readonly refs: 'own' | 'shared'
  /** The task's folder: what is below it is the agent's, whoever else uses the repository. */
  readonly rootDir?: string | undefined
  /** Tells by its name alone that a registration is the manager's: thousands of them are not opened. */
  readonly isManagers?: ((name: string) => boolean) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Each is read as a repository is. */
const MAX_WORKTREES = 1000
const MAX_POINTER_BYTES = 4096

/**
 * All of them in a repository of the task's own; in a shared one those whose files are in the task's folder, or in its
 * git dir.
 *
 * @throws IntegrityError TAMPERED where one's own repository has more than a thousand.
 */
export async function addedWorktrees(request: WorktreesRequest): Promise<AddedWorktree[]> {
  const { agent, refs, rootDir, isManagers = () => false, signal } = request
  if (refs === 'shared' && rootDir === undefined) return []
  const worktrees = join(agent.commonDir, 'worktrees')
  const names = (await namesIn(worktrees)).filter((name) => refs === 'own' || !isManagers(name))
  if (refs === 'own' && names.length > MAX_WORKTREES)
    throw tampered('the repository has too many worktrees to be read', worktrees)
  const look = async (name: string) => {
    const gitDir = join(worktrees, name)
    return { name, gitDir, folder: await folderOf(gitDir) }
  }
  const all = await fewAtATime(names, look, signal)
  if (refs === 'own' || rootDir === undefined) return all
  const roots = [rootDir, await realOf(rootDir), agent.gitDir, await realOf(agent.gitDir)]
  // The checkout's own registration is not the agent's, whatever a custom strategy calls it.
  const others = all.filter(({ gitDir }) => gitDir !== agent.gitDir)
  return others.filter(({ folder }) => roots.some((root) => folder?.startsWith(join(root, '/'))))
}

/** gitrepository-layout(5): `worktrees/<id>/gitdir` holds the path of the worktree's `.git` file. */
async function folderOf(gitDir: string): Promise<string | undefined> {
  const pointer = (await readPlain(join(gitDir, 'gitdir'), MAX_POINTER_BYTES))?.trim()
  return pointer ? dirname(resolve(gitDir, pointer)) : undefined
}

/** git writes paths without links. */
async function realOf(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return folder
    throw error
  }
}
