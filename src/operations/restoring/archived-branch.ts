import { readRef } from '../../git/agent-git-dir.js'
import { usersOfBranch } from '../../git/worktree-list.js'
import type { OpenArchive } from '../../preservation/restore-archive.js'
import { refuseOtherStorage } from '../../preservation/restore-tables.js'
import type { BranchTip, Creation } from '../creating/checkout-step.js'
import { sharedRepository } from '../creating/taken-in-repository.js'

/**
 * The archived branch of a repository that keeps branches after their tasks, where it is still where it was archived
 * and checked out nowhere: the workspace makes it again. Whether another session has it, its reservation tells.
 */
export async function archivedBranch(
  { services, settings, strategy }: Creation,
  archive: OpenArchive,
): Promise<BranchTip | undefined> {
  const { record, manifest, refs } = archive
  const branch = record.branch
  if (!strategy.traits.sharesRefs) return undefined
  const gitDir = await sharedRepository(services, settings)
  if (gitDir !== undefined) await refuseOtherStorage(archive, gitDir)
  if (branch === undefined) return undefined
  const ref = `refs/heads/${branch}`
  const archived = manifest.refs.find(([name]) => name === ref)?.[1]
  const commit = archived === undefined ? undefined : refs.get(archived)
  if (gitDir === undefined || commit === undefined) return undefined
  if ((await readRef({ gitDir, commonDir: gitDir }, ref)) !== commit) return undefined
  const users = await usersOfBranch(gitDir, branch)
  return users.length === 0 ? { branch, commit } : undefined
}
