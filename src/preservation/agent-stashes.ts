import { type AgentHead, readRef, readReflog } from '../git/agent-git-dir.js'
import type { ReflogEntry } from '../git/reflog-entry.js'
import { reflogOids } from './agent-reflog.js'

/** One entry of the stash. */
export interface Stash {
  readonly commit: string
  readonly message: string
}

/** Whose stashes are looked for among those of a shared repository. */
export interface StashOwner {
  readonly stashes: readonly Stash[]
  /** The branches that were checked out in this worktree. */
  readonly branches: readonly string[]
  readonly head: AgentHead
  readonly headLog: readonly ReflogEntry[]
  /** `lost`: the reflog of HEAD is there, and empty, as after `git reflog expire`. */
  readonly past: 'known' | 'lost'
}

/** What git writes into the reflog of HEAD where HEAD may have no branch afterwards. */
const LEAVES_BRANCH = /^(?:checkout|rebase|bisect|switch)\b/

/** All stashes of a repository, the newest first: the ref names the newest, its reflog all of them (git-stash(1)). */
export async function readStashes(commonDir: string): Promise<Stash[]> {
  const repository = { gitDir: commonDir, commonDir }
  const log = await readReflog(repository, 'refs/stash')
  const stashes = log.map(({ after, message }) => ({ commit: after, message })).reverse()
  const newest = await readRef(repository, 'refs/stash')
  const isListed = newest === undefined || stashes.some(({ commit }) => commit === newest)
  return isListed ? stashes : [{ commit: newest, message: '' }, ...stashes]
}

/**
 * The stashes that one worktree made: git writes the branch into the message. Of those without a branch they are told
 * by the commit that they were made on. Where only the user's own words are left, or not even those, whoever may ever
 * have been without a branch may have made it.
 */
export function stashesOf({ stashes, branches, head, headLog, past }: StashOwner): Stash[] {
  // git before 2.36 writes only what comes after the last slash.
  const names = new Set(branches.flatMap((name) => [name, name.slice(name.lastIndexOf('/') + 1)]))
  const here = [...reflogOids(headLog), head.commit ?? ''].sort()
  const isDoubtful =
    past === 'lost' || head.branch === undefined || headLog.some(({ message }) => LEAVES_BRANCH.test(message))
  return stashes.filter(({ message }) => {
    if (message === '') return isDoubtful
    const [, wip, name = '', commit = ''] = /^(WIP on|On) ([^:]+): ?(\S*)/.exec(message) ?? []
    if (name !== '(no branch)') return names.has(name)
    if (wip === 'On' || past === 'lost') return isDoubtful
    return isAmong(here, commit)
  })
}

/** Whether one of the sorted names begins so: both may be hundreds of thousands. */
function isAmong(sorted: readonly string[], beginning: string): boolean {
  let [first, end] = [0, sorted.length]
  while (first < end) {
    const middle = (first + end) >> 1
    if ((sorted[middle] ?? '') < beginning) first = middle + 1
    else end = middle
  }
  return sorted[first]?.startsWith(beginning) ?? false
}
