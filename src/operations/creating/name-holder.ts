import { systemErrorCode } from '../../errors/system-error.js'
import { hasErrorCode, isWorkspaceError } from '../../errors/workspace-error.js'
import { readWorktrees } from '../../git/worktree-list.js'
import { describeKey } from '../../model/workspace-key.js'
import {
  type BranchHolder,
  branchesCollide,
  branchTaken,
  sessionAsHolder,
} from '../../sessions/collisions.js'
import type { Creation } from './checkout-step.js'
import { sharedRepository } from './taken-in-repository.js'

/**
 * The failure itself, or where a branch is taken in a repository that several environments share, the same with the
 * session that has it. Which one that is, neither the registry of one environment nor the repository alone can tell.
 */
export async function withHolder(creation: Creation, failure: unknown): Promise<unknown> {
  if (!hasErrorCode(failure, 'BRANCH_TAKEN') || failure.data['holderKey'] !== undefined) return failure
  const branch = failure.data['branch']
  if (!creation.strategy.traits.sharesRefs || typeof branch !== 'string') return failure
  try {
    const holder = await findHolder(creation, branch)
    return holder === undefined ? failure : branchTaken(branch, holder, failure)
  } catch (error) {
    // That the branch is taken is worth more than why nobody can say by whom.
    if (!isWorkspaceError(error) && systemErrorCode(error) === undefined) throw error
    return failure
  }
}

/** A session whose checkout is on the branch, or else one that was given it there. */
async function findHolder(
  { services, settings }: Creation,
  wanted: string,
): Promise<BranchHolder | undefined> {
  const gitDir = await sharedRepository(services, settings)
  if (gitDir === undefined) return undefined
  const [worktrees, all] = await Promise.all([readWorktrees(gitDir), services.store.list()])
  const sessions = all.filter((session) => describeKey(session) !== describeKey(settings.key))
  const inTheWay = (branch?: string) => branch !== undefined && branchesCollide(branch, wanted)
  for (const { workDir, branch = '' } of worktrees.filter((worktree) => inTheWay(worktree.branch))) {
    const user = sessions.find((session) => session.workDir === workDir)
    if (user !== undefined) return sessionAsHolder(user, branch)
  }
  const owner = sessions.find(({ tree }) => tree?.gitDir === gitDir && inTheWay(tree.branch))
  return owner && sessionAsHolder(owner, owner.tree?.branch ?? wanted)
}
