import { join } from 'node:path'
import { isPresent } from '../../fs/presence.js'
import type { OpenArchive } from '../../preservation/restore-archive.js'

/** Worktrees that the agent had added to a repository that others use, and that are not there any more. */
export async function freeWorktrees(
  { manifest }: OpenArchive,
  commonDir: string,
): Promise<ReadonlySet<string>> {
  const free = new Set<string>()
  for (const { place, name } of manifest.special) {
    const worktree = place === 'common dir' ? worktreeOf(name) : ''
    if (worktree !== '' && !free.has(worktree) && !(await isPresent(join(commonDir, 'worktrees', worktree))))
      free.add(worktree)
  }
  return free
}

/** The worktree whose registration a file of a repository is part of; empty for any other. */
export const worktreeOf = (name: string) => /^worktrees\/([^/]+)\//.exec(name)?.[1] ?? ''
