import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { readRef } from '../git/agent-git-dir.js'

export interface OldBranch {
  /** A repository of the manager's own, whose refs are files. */
  readonly gitDir: string
  readonly branch: string
  readonly commit: string
}

/**
 * Deletes a branch as git itself does, without a process: under its lock, with its reflog and the folders that are
 * empty then (gitrepository-layout(5)). One file handle and no room on the disk is enough for that, so that a
 * rollback for want of either can do it.
 *
 * @returns `unsure`, where it is locked, is elsewhere or has been packed: git itself is to delete it then.
 */
export async function removeBranchFile(old: OldBranch): Promise<'deleted' | 'unsure'> {
  const lock = `${fileOf(old)}.lock`
  if (!(await takeLock(lock))) return 'unsure'
  try {
    if ((await refOf(old)) !== old.commit) return 'unsure'
    await rm(fileOf(old), { force: true })
    if ((await refOf(old)) !== undefined) return 'unsure'
    await rm(join(old.gitDir, 'logs/refs/heads', old.branch), { force: true })
    return 'deleted'
  } finally {
    await rm(lock, { force: true })
    await removeEmptyFolders(old)
  }
}

/** The folders that a branch of this name needs, as far as nothing is in them. */
export async function removeEmptyFolders({
  gitDir,
  branch,
}: Pick<OldBranch, 'gitDir' | 'branch'>): Promise<void> {
  for (const parent of [join(gitDir, 'refs/heads'), join(gitDir, 'logs/refs/heads')]) {
    for (let folder = dirname(branch); folder !== '.'; folder = dirname(folder))
      await removeIfEmpty(join(parent, folder))
  }
}

function fileOf({ gitDir, branch }: OldBranch): string {
  return join(gitDir, 'refs/heads', branch)
}

function refOf({ gitDir, branch }: OldBranch): Promise<string | undefined> {
  return readRef({ gitDir, commonDir: gitDir }, `refs/heads/${branch}`)
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o666)
    await file.close()
    return true
  } catch (error) {
    // Locked by somebody, or packed, so that there is no folder for it.
    if (isSystemError(error, 'EEXIST', 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}
