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
}

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
 * by the commit that they were made on, or where only the user's own words are left, taken by whoever has no branch.
 */
export function stashesOf({ stashes, branches, head, headLog }: StashOwner): Stash[] {
  // git before 2.36 writes only what comes after the last slash.
  const names = new Set(branches.flatMap((name) => [name, name.slice(name.lastIndexOf('/') + 1)]))
  const here = [...reflogOids(headLog), head.commit ?? '']
  return stashes.filter(({ message }) => {
    const [, wip, name = '', commit = ''] = /^(WIP on|On) ([^:]+): ?(\S*)/.exec(message) ?? []
    if (name !== '(no branch)') return names.has(name)
    return wip === 'On' ? head.branch === undefined : here.some((oid) => oid.startsWith(commit))
  })
}
