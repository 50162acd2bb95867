import { isUsedElsewhere } from '../git/worktree-list.js'
import { deleteBranch } from '../strategies/branch.js'
import { ownershipOf } from './own-mirror.js'
import type { Services } from './services.js'

export interface MadeBranch {
  readonly envId: string
  readonly gitDir: string
  readonly branch: string
  /** Where it was made. */
  readonly commit: string
  /** The checkout that it was made for. */
  readonly workDir: string
}

/**
 * Takes a branch away that was made for a workspace, unless it has moved on, or somebody has checked it out elsewhere
 * meanwhile, in a repository that others use too.
 */
export async function deleteUnusedBranch(
  services: Services,
  { envId, workDir, ...made }: MadeBranch,
): Promise<void> {
  const at = { ...ownershipOf(services, envId, made.gitDir), ...made }
  await deleteBranch(services.git, at, async () => !(await isUsedElsewhere(at.gitDir, at.branch, workDir)))
}
