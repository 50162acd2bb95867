import { join } from 'node:path'
import { kindOf } from '../fs/presence.js'
import { tampered } from './plain-files.js'
import { refStoreOf } from './ref-storage.js'
import type { RefStore } from './ref-store.js'
import type { ReflogEntry } from './reflog-entry.js'

/**
 * A git dir that an agent controls, read as plain files: git is not asked, so that no setting in it is obeyed.
 * Layout: gitrepository-layout(5); refs in whichever way the repository stores them.
 */
export interface AgentGitDir {
  /** HEAD, the index and other per-worktree files. */
  readonly gitDir: string
  /** Branches and tags; the same as `gitDir` but for linked worktrees. */
  readonly commonDir: string
}

export interface AgentHead {
  readonly branch?: string | undefined
  /** Absent on a branch without commits. */
  readonly commit?: string | undefined
}

const BRANCHES = 'refs/heads/'
/** So many symbolic refs git follows, too. */
const MAX_LINKS = 5

/** What a linked worktree does not share: git-worktree(1), "Refs". */
const OF_ONE_WORKTREE = ['refs/bisect/', 'refs/rewritten/', 'refs/worktree/']

/** Where HEAD points. @throws IntegrityError TAMPERED where it cannot be read. */
export async function readAgentHead(agent: AgentGitDir): Promise<AgentHead> {
  const head = await (await refStoreOf(agent.commonDir)).value(agent.gitDir, 'HEAD')
  if (head !== undefined && 'oid' in head) return { commit: head.oid }
  const ref = head?.target ?? ''
  const isBranch = ref.startsWith(BRANCHES) && /^\S/.test(ref.slice(BRANCHES.length))
  // The last is what git writes where HEAD is not in this file.
  if (!isBranch || ref.includes('..') || ref === 'refs/heads/.invalid')
    throw tampered('HEAD cannot be read', agent.gitDir)
  return { branch: ref.slice(BRANCHES.length), commit: await resolveRef(agent, ref) }
}

/** The commit of one ref that a repository's worktrees share. */
export async function readRef({ commonDir }: AgentGitDir, ref: string): Promise<string | undefined> {
  const value = await (await refStoreOf(commonDir)).value(commonDir, ref)
  return value !== undefined && 'oid' in value ? value.oid : undefined
}

/** The ref that a symbolic ref names; undefined where it is none. */
export async function readSymbolicRef(gitDir: string, name: string): Promise<string | undefined> {
  const value = await (await refStoreOf(gitDir)).value(gitDir, name)
  return value !== undefined && 'target' in value ? value.target : undefined
}

/** Every ref below the prefixes that a repository's worktrees share, with its commit. */
export async function readRefs(
  { commonDir }: AgentGitDir,
  prefixes: readonly string[],
): Promise<Map<string, string>> {
  return (await (await refStoreOf(commonDir)).refs(commonDir, prefixes)).objects
}

/**
 * Every ref below the prefixes that a repository's worktrees share, with its object, by way of symbolic refs too.
 *
 * @throws IntegrityError TAMPERED for one that cannot be understood.
 */
export async function resolveRefs(
  { commonDir }: AgentGitDir,
  prefixes: readonly string[],
): Promise<Map<string, string>> {
  return resolvedBelow(await refStoreOf(commonDir), commonDir, prefixes)
}

/** The same of the refs that a linked worktree has for itself. */
export async function resolveOwnRefs({ gitDir, commonDir }: AgentGitDir): Promise<Map<string, string>> {
  return resolvedBelow(await refStoreOf(commonDir), gitDir, OF_ONE_WORKTREE)
}

async function resolvedBelow(
  store: RefStore,
  folder: string,
  prefixes: readonly string[],
): Promise<Map<string, string>> {
  const { objects, symbolic } = await store.refs(folder, prefixes)
  for (const ref of symbolic) {
    const object = await resolveIn(store, folder, ref)
    if (object !== undefined) objects.set(ref, object)
  }
  return objects
}

/**
 * The object that a ref names, by way of symbolic refs too. @throws IntegrityError TAMPERED for one that says nothing.
 */
export async function resolveRef({ commonDir }: AgentGitDir, ref: string): Promise<string | undefined> {
  return resolveIn(await refStoreOf(commonDir), commonDir, ref)
}

async function resolveIn(store: RefStore, folder: string, ref: string): Promise<string | undefined> {
  let name = ref
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    const value = await store.value(folder, name)
    if (value === undefined && (await kindOf(join(folder, name))) !== 'file') return undefined
    if (value !== undefined && 'oid' in value) return value.oid
    if (value === undefined || value.target.includes('..')) break
    name = value.target
  }
  throw tampered('a ref names no commit', join(folder, ref))
}

/** ORIG_HEAD and others of its kind, where they are not the plain files that they usually are. */
export async function readRootRefs({ gitDir, commonDir }: AgentGitDir): Promise<Map<string, string>> {
  return (await refStoreOf(commonDir)).rootRefs(gitDir)
}

/** The names below `refs/heads/`, without that prefix; no branch is opened, so that thousands cost little. */
export async function readBranchNames({ commonDir }: AgentGitDir): Promise<string[]> {
  return (await refStoreOf(commonDir)).names(commonDir, BRANCHES)
}

/** The entries of the reflog of HEAD or of a ref that worktrees share, the oldest first; none where there is none. */
export async function readReflog({ gitDir, commonDir }: AgentGitDir, ref: string): Promise<ReflogEntry[]> {
  return (await refStoreOf(commonDir)).reflog(ref === 'HEAD' ? gitDir : commonDir, ref)
}

/** The refs that worktrees share and that have a reflog. */
export async function readReflogNames({ commonDir }: AgentGitDir): Promise<string[]> {
  return (await refStoreOf(commonDir)).reflogNames(commonDir)
}
