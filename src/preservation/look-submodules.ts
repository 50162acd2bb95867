import { dirname, join, relative, resolve, sep } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isWorkspaceError, StoppedError } from '../errors/workspace-error.js'
import { entriesIn, kindOf, namesIn } from '../fs/presence.js'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { readPlain, tampered } from '../git/plain-files.js'
import { withTrustedView } from '../git/trusted-view.js'
import { type AgentRefs, readAgentRefs } from './agent-refs.js'
import { findLeftInGitDir } from './left-in-git-dir.js'
import { findFileWork } from './look-files.js'
import { findNested } from './look-nested.js'
import { operationsInProgress } from './look-progress.js'
import { repositoriesInIgnored } from './repositories-in-ignored.js'
import type { TreeLook } from './tree-look.js'

const MAX_POINTER_BYTES = 4096
/** A submodule in a submodule in …: whoever goes deeper is kept. */
const MAX_DEPTH = 8

/**
 * The submodules that may hold work, as paths in the tree. What is saved of a submodule is what the commit reaches
 * that the manager's own base names: its remote is not asked, and what its repository says of its remote is the
 * agent's word. So a submodule is free of work only while it is at that commit, with nothing beyond it.
 *
 * @param saved the submodules of the base, with their commits.
 */
export async function findSubmoduleWork(
  git: Git,
  look: TreeLook,
  submodules: ReadonlyMap<string, string>,
  saved: ReadonlyMap<string, string>,
  depth = 1,
): Promise<string[]> {
  const found: string[] = []
  for (const path of submodules.keys()) {
    const workDir = join(look.workDir, path)
    if ((await namesIn(workDir)).length === 0 && (await kindOf(workDir)) !== 'other') continue
    if (await mayHoldWork(git, { ...look, workDir }, saved.get(path), depth)) found.push(path)
  }
  return found
}

async function mayHoldWork(
  git: Git,
  above: TreeLook,
  saved: string | undefined,
  depth: number,
): Promise<boolean> {
  const agent = saved === undefined || depth > MAX_DEPTH ? undefined : await gitDirOf(above)
  if (agent === undefined || saved === undefined) return true
  const { scratchDir, workDir, objectFormat, signal } = above
  const look: TreeLook = { agent, workDir, head: saved, scratchDir, objectFormat, signal }
  return orWork(async () => {
    const refs = await readAgentRefs({ agent, refs: 'own' })
    const isElsewhere = refs.head.commit !== saved || refs.stashes.length > 0
    if (isElsewhere || (await operationsInProgress(agent)).length > 0) return true
    if ((await findLeftInGitDir(agent.gitDir)).size > 0) return true
    return (await hasMoreCommits(git, look, refs)) || (await hasMoreFiles(git, look, depth))
  })
}

/**
 * Repositories of submodules that are in no folder of the checkout, as after `git submodule deinit` or on a branch that
 * has none: whether they have work of their own is told as for any other, but for the files, which are gone.
 *
 * @param saved the commits of the base's submodules.
 */
export async function findLeftSubmodules(
  git: Git,
  look: TreeLook,
  submodules: Iterable<string>,
  saved: ReadonlyMap<string, string>,
): Promise<string[]> {
  const modules = join(look.agent.gitDir, 'modules')
  const inPlace = new Set<string | undefined>()
  for (const path of submodules) {
    inPlace.add((await gitDirOf({ ...look, workDir: join(look.workDir, path) }))?.gitDir)
  }
  const found: string[] = []
  for (const name of await repositoriesBelow(modules, '', look.signal)) {
    const gitDir = join(modules, name)
    if (inPlace.has(gitDir) || !(await mayHoldCommits(git, look, gitDir, [...saved.values()]))) continue
    found.push(`the repository of a submodule that is not checked out may hold work, "${name}"`)
  }
  return found
}

/** Names may have several parts; what is in a repository is none beside it. */
async function repositoriesBelow(modules: string, prefix: string, signal?: AbortSignal): Promise<string[]> {
  const found: string[] = []
  if ((await kindOf(join(modules, prefix))) !== 'directory') return found
  for (const entry of await entriesIn(join(modules, prefix))) {
    throwIfStopped(signal)
    const name = `${prefix}${entry.name}`
    // git makes no links there; one leads round in a circle, or out of the repository.
    if (entry.isSymbolicLink()) throw tampered('a repository of a submodule is a link', join(modules, name))
    if (!entry.isDirectory()) continue
    if ((await kindOf(join(modules, name, 'HEAD'))) !== 'absent') found.push(name)
    else found.push(...(await repositoriesBelow(modules, `${name}/`, signal)))
  }
  return found
}

async function mayHoldCommits(
  git: Git,
  above: TreeLook,
  gitDir: string,
  saved: readonly string[],
): Promise<boolean> {
  const agent = { gitDir, commonDir: gitDir }
  return orWork(async () => {
    const refs = await readAgentRefs({ agent, refs: 'own' })
    const head = saved.find((commit) => commit === refs.head.commit)
    if (head === undefined || refs.stashes.length > 0) return true
    if ((await findLeftInGitDir(gitDir)).size > 0) return true
    return hasMoreCommits(git, { ...above, agent, head }, refs)
  })
}

/** What cannot be told counts. */
async function orWork(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look()
  } catch (error) {
    if (!isWorkspaceError(error) || error instanceof StoppedError || error.code === 'DISK_FULL') throw error
    return true
  }
}

/** Where a `.git` leads to: itself, or the place that git has for the repositories of submodules. */
async function gitDirOf({ agent, workDir }: TreeLook): Promise<AgentGitDir | undefined> {
  const own = join(workDir, '.git')
  if ((await kindOf(own)) === 'directory') return { gitDir: own, commonDir: own }
  const pointer = /^gitdir: (.+)$/.exec((await readPlain(own, MAX_POINTER_BYTES))?.trimEnd() ?? '')?.[1]
  if (pointer === undefined) return undefined
  const gitDir = resolve(dirname(own), pointer)
  const way = relative(join(agent.gitDir, 'modules'), gitDir)
  const isInside = way !== '' && way !== '..' && !way.startsWith(`..${sep}`)
  return isInside && (await kindOf(gitDir)) === 'directory' ? { gitDir, commonDir: gitDir } : undefined
}

async function hasMoreCommits(git: Git, look: TreeLook, refs: AgentRefs): Promise<boolean> {
  const { scratchDir, objectFormat, head, workDir: workTree, signal } = look
  const tips = new Set([...refs.refs.values(), ...refs.specials.values(), ...refs.reflogTips])
  tips.delete(head ?? '')
  if (tips.size === 0) return false
  const alternates = [join(look.agent.commonDir, 'objects')]
  return withTrustedView({ scratchDir, workTree, objectFormat, head, alternates }, async ({ gitDir }) => {
    const { stdout } = await git.run({
      args: ['rev-list', '--max-count=1', '--ignore-missing', '--stdin', '--not', head ?? 'HEAD'],
      input: [...tips].map((tip) => `${tip}\n`).join(''),
      config: { 'core.commitGraph': 'false' },
      ...{ gitDir, alternates, signal },
    })
    return stdout !== ''
  })
}

async function hasMoreFiles(git: Git, look: TreeLook, depth: number): Promise<boolean> {
  const files = await findFileWork(git, look)
  if (files.staged.length + files.unstaged.length + files.untracked.length > 0) return true
  const nested = await findNested(look, files)
  if (nested.repositories.length + nested.unknown.length > 0) return true
  if ((await repositoriesInIgnored(look.workDir, files.ignored, look.signal)).length > 0) return true
  return (await findSubmoduleWork(git, look, files.submodules, files.submodules, depth + 1)).length > 0
}
