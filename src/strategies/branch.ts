import { lstat, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isSystemError } from '../errors/system-error.js'
import { ContentionError, hasErrorCode } from '../errors/workspace-error.js'
import { makeDirectories } from '../fs/make-directories.js'
import { asStorageFailure } from '../fs/storage-failure.js'
import { readRef } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import { withConfigFor } from './branch-config.js'
import { createBranchFile } from './branch-file.js'
import { assertPlainWay, removeOddReflog } from './branch-place.js'
import { madeFor } from './branch-reflog.js'
import { removeBranchFile, removeEmptyFolders } from './remove-branch-file.js'
import type { StrategyRepository } from './strategy.js'

/** How often, and how far apart, a deletion is tried while the machine is short of what it takes. */
const ATTEMPTS = 10
const PAUSE_MS = 100

interface BranchAt {
  readonly gitDir: string
  /** In the manager's own repositories most is done without a process; where it is not known whose it is, by git. */
  readonly owner?: StrategyRepository['owner'] | undefined
  readonly branch: string
  readonly commit: string
  /** For temporary files, outside agents' reach. Given: no configuration of the repository is obeyed. */
  readonly scratchDir?: string | undefined
  readonly signal?: AbortSignal | undefined
}

interface NewBranchAt extends BranchAt {
  /** The workspace that it is made for; its reflog says so. */
  readonly key: WorkspaceKey
}

/**
 * Creates a branch that must not exist yet: in a repository of the manager's own without a process, where nothing is
 * in its way.
 *
 * @throws ContentionError BRANCH_TAKEN
 */
export async function createBranch(git: Git, at: NewBranchAt): Promise<void> {
  const { branch, commit, signal, owner } = at
  const reason = madeFor(at.key)
  const nothing = '0'.repeat(commit.length)
  const ref = `refs/heads/${branch}`
  const args = ['update-ref', '-m', reason, ref, commit, nothing]
  await assertPlainWay(at)
  if (owner === 'manager') await removeOddReflog(at)
  try {
    if (owner === 'manager' && (await createBranchFile({ ...at, reason, now: new Date() })) === 'created')
      return
    await withConfigFor(at, (place) => git.run({ args, ownRefs: [ref], signal, ...place }))
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED') || !saysTaken(String(error.data['stderr']))) {
      const failure = await trueFailure(at, error)
      await removeTraces(at)
      throw failure
    }
    throw new ContentionError('BRANCH_TAKEN', `the branch "${branch}" cannot be made in the repository`, {
      data: { branch, holder: 'the repository' },
      cause: error,
    })
  }
}

/**
 * Deletes a branch only while it is still where it was made, so that no commit is lost by it. What stands in the
 * way for a moment only is waited for, up to a second, since a rollback has no second try.
 *
 * @param mayGo Asked before each try; false keeps the branch.
 * @throws GitError GIT_FAILED where the branch is still there.
 */
export async function deleteBranch(
  git: Git,
  at: BranchAt,
  mayGo: () => Promise<boolean> = async () => true,
): Promise<'deleted' | 'kept'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await mayGo()) ? await deleteOnce(git, at) : 'kept'
    } catch (error) {
      if (attempt === ATTEMPTS || !isPassing(error)) throw error
      await delay(PAUSE_MS)
    }
  }
}

/** Want of file handles or processes, or a lock that another git holds for a moment. */
function isPassing(error: unknown): boolean {
  if (hasErrorCode(error, 'GIT_FAILED')) return error.retryable
  return isSystemError(error, 'EMFILE', 'ENFILE')
}

async function deleteOnce(git: Git, at: BranchAt): Promise<'deleted' | 'kept'> {
  // Asked first, since git leaves empty folders where it is told to delete a ref that does not exist.
  if (!(await isStillThere(at))) return 'kept'
  await assertPlainWay(at)
  const { branch, commit, signal, owner } = at
  if (owner === 'manager' && (await removeBranchFile(at)) === 'deleted') return 'deleted'
  const ref = `refs/heads/${branch}`
  try {
    const call = { args: ['update-ref', '-d', ref, commit], ownRefs: [ref], signal }
    await withConfigFor(at, (place) => git.run({ ...call, ...place }))
    return 'deleted'
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED') || (await isStillThere(at))) throw error
    return 'kept'
  }
}

async function isStillThere({ gitDir, branch, commit }: BranchAt): Promise<boolean> {
  return (await readRef({ gitDir, commonDir: gitDir }, `refs/heads/${branch}`)) === commit
}

function saysTaken(stderr: string): boolean {
  return /reference already exists|' exists; cannot create|there are still refs under/.test(stderr)
}

/** Why a folder for a branch cannot be made, a full disk for one, git does not say; the system says it once more. */
async function trueFailure({ gitDir, branch }: BranchAt, failure: unknown): Promise<unknown> {
  const isSilent =
    hasErrorCode(failure, 'GIT_FAILED') && /unable to create directory/.test(String(failure.data['stderr']))
  if (!isSilent) return failure
  try {
    for (const parent of ['refs/heads', 'logs/refs/heads'])
      await makeDirectories(dirname(join(gitDir, parent, branch)))
    return failure
  } catch (error) {
    return asStorageFailure(error, gitDir)
  }
}

/** A git that fails to write a branch, on a full disk for one, leaves its folders and a reflog without a line. */
async function removeTraces({ gitDir, branch }: BranchAt): Promise<void> {
  const ref = `refs/heads/${branch}`
  if ((await readRef({ gitDir, commonDir: gitDir }, ref)) !== undefined) return
  const log = join(gitDir, 'logs', ref)
  if (await isEmptyFile(log)) await rm(log, { force: true })
  await removeEmptyFolders({ gitDir, branch })
}

async function isEmptyFile(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path)
    return stats.isFile() && stats.size === 0
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}
