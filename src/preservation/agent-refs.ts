import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { isPresent, kindOf } from '../fs/presence.js'
import {
  type AgentGitDir,
  type AgentHead,
  readAgentHead,
  readReflog,
  readReflogNames,
  resolveOwnRefs,
  resolveRef,
  resolveRefs,
} from '../git/agent-git-dir.js'
import { tampered } from '../git/plain-files.js'
import { refStorageOf } from '../git/ref-storage.js'
import type { ReflogEntry } from '../git/reflog-entry.js'
import { type AddedWorktree, addedWorktrees, type WorktreesRequest } from './added-worktrees.js'
import { reflogOids } from './agent-reflog.js'
import { readSpecials } from './agent-specials.js'
import { readStashes, type Stash, stashesOf } from './agent-stashes.js'

/** Every commit that a checkout's repository names, whether anything else has it or not. */
export interface AgentRefs {
  /** Neither a branch nor a commit where the git dir is gone, or the file in it. */
  readonly head: AgentHead
  /**
   * Full names of refs with their objects. `own`: all but `refs/remotes/origin/` and `refs/stash`. `shared`: the task's
   * branch, those that were checked out here, and the refs that a worktree has for itself.
   */
  readonly refs: ReadonlyMap<string, string>
  /** What stands in files beside the refs: ORIG_HEAD, MERGE_HEAD, MERGE_HEAD/1 …, rebase-merge/onto …, MY_BACKUP. */
  readonly specials: ReadonlyMap<string, string>
  /** The newest first. `shared`: those made on a branch of this checkout. */
  readonly stashes: readonly Stash[]
  /** Every object that the reflogs of HEAD and of the refs name; in a repository of its own, of deleted ones too. */
  readonly reflogTips: readonly string[]
}

/** `refs`: whether the checkout has its refs for itself, or shares them with other checkouts of the repository. */
export interface AgentRefsRequest extends WorktreesRequest {
  /** The task's branch. */
  readonly branch?: string | undefined
}

type Names = Pick<AgentRefs, 'refs' | 'stashes' | 'reflogTips'>

/** git looks for each of them, for seconds where they are gone. */
const MAX_TIPS = 200_000
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * Reads what a checkout's repository names, as plain files: git is not asked, and no setting is obeyed.
 *
 * @throws IntegrityError TAMPERED for what cannot be read or is no plain file.
 */
export async function readAgentRefs(request: AgentRefsRequest): Promise<AgentRefs> {
  const { agent } = request
  await refuseStrangeTables(request)
  const kind = await kindOf(agent.gitDir)
  // By a link it would be another task's that is read.
  if (kind !== 'directory' && kind !== 'absent') throw tampered('the repository is no folder', agent.gitDir)
  const head = (await isPresent(join(agent.gitDir, 'HEAD'))) ? await readAgentHead(agent) : {}
  const headLog = await readReflog(agent, 'HEAD')
  const added = await addedWorktrees(request)
  const names =
    request.refs === 'own' ? await ownNames(request) : await sharedNames(request, head, headLog, added)
  const specials = await readSpecials(agent)
  const tips = [...reflogOids(headLog), ...names.reflogTips, ...(await tipsOfWorktrees(request, added))]
  const reflogTips = unique(tips)
  refuseMore(agent, reflogTips.length)
  return { head, specials, ...names, reflogTips }
}

function refuseMore({ commonDir }: AgentGitDir, tips: number): void {
  if (tips > MAX_TIPS) throw tampered('the reflogs of the repository name too much to be read', commonDir)
}

/** A repository of the caller's may have been made with tables; a clone was not, and other tables are nothing to git. */
async function refuseStrangeTables({ agent: { commonDir }, refs }: AgentRefsRequest): Promise<void> {
  const isKnown = refs === 'shared' && (await refStorageOf(commonDir)) === 'reftable'
  if (isKnown || (await kindOf(join(commonDir, 'reftable'))) === 'absent') return
  throw tampered('the refs of the repository are kept in a way that is not known here', commonDir)
}

async function ownNames({ agent, signal }: AgentRefsRequest): Promise<Names> {
  const refs = await resolveRefs(agent, ['refs/'])
  for (const ref of refs.keys()) {
    // git writes a ref under that name first; none can end in it.
    if (ref.startsWith('refs/remotes/origin/') || ref === 'refs/stash' || ref.endsWith('.lock'))
      refs.delete(ref)
  }
  const logs = (await readReflogNames(agent)).filter(
    (ref) => ref !== 'refs/stash' && !ref.startsWith('refs/remotes/origin/'),
  )
  const reflogTips = await tipsOf(agent, logs, signal)
  const stashes = await readStashes(agent.commonDir)
  return { refs, stashes, reflogTips }
}

/** Worktrees that the agent has added have a HEAD and a reflog each. */
async function tipsOfWorktrees(
  { agent: { commonDir }, signal }: AgentRefsRequest,
  added: readonly AddedWorktree[],
): Promise<string[]> {
  const tips = async ({ gitDir }: AddedWorktree) => {
    const worktree = { gitDir, commonDir }
    const head = (await headOfAdded(worktree)).commit
    const specials = await readSpecials(worktree)
    const own = await resolveOwnRefs(worktree)
    const logs = await tipsOf(worktree, ['HEAD'], signal)
    return [head ?? [], ...specials.values(), ...own.values(), ...logs].flat()
  }
  return (await fewAtATime(added, tips, signal)).flat()
}

/**
 * Without a HEAD that can be read its reflog tells, and its files are archived as they are: the task's own are not
 * held up.
 */
async function headOfAdded(worktree: AgentGitDir): Promise<AgentHead> {
  try {
    return await readAgentHead(worktree)
  } catch (error) {
    const isPlain = ['absent', 'file'].includes(await kindOf(join(worktree.gitDir, 'HEAD')))
    if (!isPlain || !hasErrorCode(error, 'TAMPERED')) throw error
    return {}
  }
}

async function sharedNames(
  { agent, branch, signal }: AgentRefsRequest,
  head: AgentHead,
  headLog: readonly ReflogEntry[],
  added: readonly AddedWorktree[],
): Promise<Names> {
  const branchOf = async ({ gitDir }: AddedWorktree) => (await headOfAdded({ ...agent, gitDir })).branch
  const heads = await fewAtATime(added, branchOf, signal)
  const names = [branch, head.branch, ...branchesIn(headLog), ...heads]
  const branches = unique(names.filter((name) => name !== undefined))
  const refs = await resolveOwnRefs(agent)
  for (const name of branches) {
    const commit = await resolveRef(agent, `refs/heads/${name}`)
    if (commit !== undefined) refs.set(`refs/heads/${name}`, commit)
  }
  const logs = branches.map((name) => `refs/heads/${name}`)
  const isLost = headLog.length === 0 && (await kindOf(join(agent.gitDir, 'logs/HEAD'))) === 'file'
  const past = isLost ? 'lost' : 'known'
  const all = await readStashes(agent.commonDir)
  const stashes = stashesOf({ stashes: all, branches, head, headLog, past })
  return { refs, stashes, reflogTips: await tipsOf(agent, logs, signal) }
}

/** `git checkout` writes both names; for a detached HEAD it writes the commit. */
function branchesIn(headLog: readonly ReflogEntry[]): string[] {
  const names = headLog.flatMap(({ message }) => {
    const [, from = '', to = ''] = /^checkout: moving from (\S+) to (\S+)$/.exec(message) ?? []
    return [from, to]
  })
  return unique(names).filter((name) => name !== '' && !OID.test(name) && isPlainName(name))
}

/** The name becomes a path: nothing that leaves its folder. */
function isPlainName(name: string): boolean {
  return !/(?:^|\/)\.|\.\.|[\0\\]|\/$|\/\//.test(name)
}

async function tipsOf(
  agent: AgentGitDir,
  logs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const tips = new Set<string>()
  for (const log of logs) {
    throwIfStopped(signal)
    for (const oid of reflogOids(await readReflog(agent, log))) tips.add(oid)
    refuseMore(agent, tips.size)
  }
  return [...tips]
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
