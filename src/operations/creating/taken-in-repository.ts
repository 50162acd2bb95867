import { isPresent } from '../../fs/presence.js'
import { SharedLook } from '../../fs/shared-look.js'
import { readBranchNames } from '../../git/agent-git-dir.js'
import { readMainBranch, readWorktrees, type WorktreeEntry } from '../../git/worktree-list.js'
import { openCallerRepository } from '../../mirror/caller-repository.js'
import { environmentLayout, taskLayout } from '../../model/layout.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import { sessionTaken } from '../../sessions/collisions.js'
import type { Services } from '../services.js'
import { refuseManagersOwn } from './callers-folder.js'

/** Of what no record knows there is no session to be finished. */
export const ORPHAN = {
  hint: 'Save what is in it and remove it, leave it to a sweep, or choose another task or run id.',
} as const

/**
 * The branches that nobody else can have in the repository that is shared: those that exist, and those that are
 * checked out somewhere without having a commit yet.
 *
 * @throws ContentionError SESSION_TAKEN where the task's folder is registered as a worktree already.
 */
export async function takenInRepository(services: Services, settings: PrepareSettings): Promise<string[]> {
  const gitDir = await sharedRepository(services, settings)
  if (gitDir === undefined) return []
  const { worktrees, names } = await looks.at(gitDir, () => lookInto(gitDir))
  const { workDir } = taskLayout(services.settings.root, settings.key)
  const twin = worktrees.find((worktree) => worktree.workDir === workDir)
  if (twin !== undefined) {
    const why = `its folder is registered as the worktree "${twin.name}", and there is no record of it`
    throw sessionTaken(settings.key, why, `the worktree "${twin.name}" of ${gitDir}`, ORPHAN)
  }
  return names
}

interface Look {
  readonly worktrees: readonly WorktreeEntry[]
  /** Of branches. */
  readonly names: string[]
}

/** Hundreds of tasks that start together need not each read the HEADs of all. */
const looks = new SharedLook<Look>()

async function lookInto(gitDir: string): Promise<Look> {
  const [worktrees, main, existing] = await Promise.all([
    readWorktrees(gitDir),
    readMainBranch(gitDir),
    readBranchNames({ gitDir, commonDir: gitDir }),
  ])
  const checkedOut = [main, ...worktrees.map(({ branch }) => branch)]
  return { worktrees, names: [...new Set([...existing, ...checkedOut.filter((name) => name !== undefined)])] }
}

/** Undefined while there is no mirror yet: then it has no branches either. */
export async function sharedRepository(
  services: Services,
  { key, source, signal }: PrepareSettings,
): Promise<string | undefined> {
  if (source?.kind === 'path') {
    const { gitDir } = await openCallerRepository(services.git, source.path, signal)
    refuseManagersOwn(services, gitDir)
    return gitDir
  }
  const { mirrorDir } = environmentLayout(services.settings.root, key.envId)
  return (await isPresent(mirrorDir)) ? mirrorDir : undefined
}
