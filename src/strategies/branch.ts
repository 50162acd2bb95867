import { lstat, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { ContentionError, hasErrorCode } from '../errors/workspace-error.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { readRef } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'

interface BranchAt {
  readonly gitDir: string
  readonly branch: string
  readonly commit: string
  readonly signal?: AbortSignal | undefined
}

/** Creates a branch that must not exist yet. @throws ContentionError BRANCH_TAKEN */
export async function createBranch(git: Git, at: BranchAt): Promise<void> {
  const { gitDir, branch, commit, signal } = at
  const nothing = '0'.repeat(commit.length)
  try {
    await git.run({
      args: ['update-ref', '-m', 'git-task-isolation: prepared', `refs/heads/${branch}`, commit, nothing],
      gitDir,
      signal,
    })
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED') || !saysTaken(String(error.data['stderr']))) {
      await removeTraces(at)
      throw error
    }
    throw new ContentionError('BRANCH_TAKEN', `the branch "${branch}" cannot be made in the repository`, {
      data: { branch, holder: 'the repository' },
      cause: error,
    })
  }
}

/** Deletes a branch only while it is still where it was made, so that no commit is lost by it. */
export async function deleteBranch(
  git: Git,
  { gitDir, branch, commit, signal }: BranchAt,
): Promise<'deleted' | 'kept'> {
  const ref = `refs/heads/${branch}`
  // Asked first, since git leaves empty folders where it is told to delete a ref that does not exist.
  if ((await readRef({ gitDir, commonDir: gitDir }, ref)) !== commit) return 'kept'
  try {
    await git.run({ args: ['update-ref', '-d', ref, commit], gitDir, signal })
    return 'deleted'
  } catch (error) {
    if (hasErrorCode(error, 'GIT_FAILED')) return 'kept'
    throw error
  }
}

function saysTaken(stderr: string): boolean {
  return /reference already exists|' exists; cannot create|there are still refs under/.test(stderr)
}

/** A git that fails to write a branch, on a full disk for one, leaves its folders and a reflog without a line. */
async function removeTraces({ gitDir, branch }: BranchAt): Promise<void> {
  const ref = `refs/heads/${branch}`
  if ((await readRef({ gitDir, commonDir: gitDir }, ref)) !== undefined) return
  const log = join(gitDir, 'logs', ref)
  if (await isEmptyFile(log)) await rm(log, { force: true })
  for (const parent of [join(gitDir, 'refs', 'heads'), join(gitDir, 'logs', 'refs', 'heads')]) {
    for (let folder = dirname(branch); folder !== '.'; folder = dirname(folder))
      await removeIfEmpty(join(parent, folder))
  }
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
