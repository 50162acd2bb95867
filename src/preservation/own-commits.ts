import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { isWorkspaceError } from '../errors/workspace-error.js'
import { entriesIn, isPresent, kindOf } from '../fs/presence.js'
import { type AgentGitDir, readAgentHead, readRef, readReflog, readRefs } from '../git/agent-git-dir.js'
import { readPlain } from '../git/plain-files.js'
import type { ReflogEntry } from '../git/reflog-entry.js'
import { addedWorktrees } from './added-worktrees.js'

const MAX_FETCHED_BYTES = 1024 * 1024

/**
 * Whether a repository names a commit that it has not fetched under that name, or has made one that it has not pushed:
 * itself, a worktree of its own, or a submodule, whose commits it holds. What cannot be read counts.
 */
export async function hasOwn({ gitDir }: { readonly gitDir: string }): Promise<boolean> {
  try {
    const agent = { gitDir, commonDir: gitDir }
    const head = (await readAgentHead(agent)).commit
    return (await isOwn(agent, head)) || (await hasOwnBeside(gitDir))
  } catch (error) {
    if (!isWorkspaceError(error) && !isSystemError(error, 'EACCES', 'EPERM', 'ENAMETOOLONG')) throw error
    return true
  }
}

/** A worktree that is somewhere else goes its own way: it has its index here, and is a repository by it alone. */
async function hasOwnBeside(gitDir: string): Promise<boolean> {
  const repository = { gitDir, commonDir: gitDir }
  const around = join(basename(gitDir) === '.git' ? dirname(gitDir) : gitDir, '/')
  for (const worktree of await addedWorktrees({ agent: repository, refs: 'own' })) {
    const { folder } = worktree
    const isElsewhere = folder !== undefined && !folder.startsWith(around)
    if (isElsewhere && (await isPresent(folder))) return true
    const agent = { gitDir: worktree.gitDir, commonDir: gitDir }
    if (await isOwn(agent, (await readAgentHead(agent)).commit)) return true
  }
  return hasOwnModules(join(gitDir, 'modules'))
}

/** gitrepository-layout(5): a submodule's name may be a path, so that its repository is some folders down. */
async function hasOwnModules(folder: string): Promise<boolean> {
  if ((await kindOf(folder)) !== 'directory') return false
  for (const entry of await entriesIn(folder)) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) continue
    const isRepository = await isPresent(join(path, 'HEAD'))
    if (isRepository ? await isOwnModule(path) : await hasOwnModules(path)) return true
  }
  return false
}

/** Its HEAD is at whatever commit the repository around it names, which is seldom the tip of a branch. */
async function isOwnModule(gitDir: string): Promise<boolean> {
  const agent = { gitDir, commonDir: gitDir }
  const isTold = (await readReflog(agent, 'HEAD')).length > 0
  const head = isTold ? undefined : (await readAgentHead(agent)).commit
  return (await isOwn(agent, head)) || (await hasOwnBeside(gitDir))
}

async function isOwn(agent: AgentGitDir, head: string | undefined): Promise<boolean> {
  const tips = [
    head,
    await readRef(agent, 'refs/stash'),
    ...(await readRefs(agent, ['refs/heads/'])).values(),
  ]
  const theirs = new Set((await readRefs(agent, ['refs/remotes/'])).values())
  const fetched = (await readPlain(join(agent.commonDir, 'FETCH_HEAD'), MAX_FETCHED_BYTES)) ?? ''
  for (const line of fetched.split('\n')) theirs.add(line.split('\t')[0] ?? '')
  return (
    tips.some((oid) => oid !== undefined && !theirs.has(oid)) ||
    hasMade(await readReflog(agent, 'HEAD'), theirs)
  )
}

/** Whether HEAD was at a commit that was made there, and that no fetched one is known to follow upon. */
function hasMade(log: readonly ReflogEntry[], theirs: ReadonlySet<string>): boolean {
  const saved = new Set(theirs)
  for (const { before, after, message } of [...log].reverse()) {
    const follows = /^commit: |: Fast-forward$/.test(message)
    if (saved.has(after) && follows) saved.add(before)
    const isMoved = /^(?:clone|checkout|reset): |: Fast-forward$/.test(message)
    if (!saved.has(after) && !isMoved) return true
  }
  return false
}
