import { readRef } from '../git/agent-git-dir.js'
import { readMainBranch, readWorktrees } from '../git/worktree-list.js'
import type { OpenArchive } from '../preservation/restore-archive.js'
import { deleteBranch } from '../strategies/branch.js'
import type { Creation } from './checkout-step.js'
import { sharedRepository } from './taken-in-repository.js'

/**
 * Takes away the archived branch of a repository that keeps branches after their tasks, where it is still where it was
 * archived and checked out nowhere: the workspace makes it again. It is put back if the restore fails.
 */
export async function freeArchivedBranch(
  { services, settings, strategy, undo }: Creation,
  { record, manifest, refs }: OpenArchive,
): Promise<void> {
  const branch = record.branch
  if (!strategy.traits.sharesRefs || branch === undefined) return
  const gitDir = await sharedRepository(services, settings)
  const ref = `refs/heads/${branch}`
  const archived = manifest.refs.find(([name]) => name === ref)?.[1]
  const commit = archived === undefined ? undefined : refs.get(archived)
  if (gitDir === undefined || commit === undefined) return
  if ((await readRef({ gitDir, commonDir: gitDir }, ref)) !== commit) return
  const worktrees = await readWorktrees(gitDir)
  const users = [await readMainBranch(gitDir), ...worktrees.map((worktree) => worktree.branch)]
  if (users.includes(branch)) return
  undo.defer(`branch ${branch}`, async () => {
    if ((await readRef({ gitDir, commonDir: gitDir }, ref)) === undefined)
      await services.git.run({ args: ['update-ref', ref, commit, '0'.repeat(commit.length)], gitDir })
  })
  await deleteBranch(services.git, { gitDir, branch, commit, signal: settings.signal })
}
