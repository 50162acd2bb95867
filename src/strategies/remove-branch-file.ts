import { readFile, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { temporaryName } from '../fs/temporary-name.js'
import { readRef } from '../git/agent-git-dir.js'
import { type BranchPlace, branchFile, linked, withBranchLock } from './branch-lock.js'

export interface OldBranch extends BranchPlace {
  readonly commit: string
}

/**
 * Deletes a branch as git itself does, without a process: under its lock, with its reflog and the folders that are
 * empty then (gitrepository-layout(5)). One file handle and no room on the disk is enough for that, so that a
 * rollback for want of either can do it. Its file is moved aside before it is looked at for the last time: what
 * somebody committed who had taken the lock away is put back.
 *
 * @returns `unsure`, where it is locked, is elsewhere or has been packed: git itself is to delete it then.
 * @throws IntegrityError TAMPERED naming a commit that came in spite of the lock, and that another then replaced.
 */
export async function removeBranchFile(old: OldBranch): Promise<'deleted' | 'unsure'> {
  try {
    return await withBranchLock(old, '', async () => {
      if ((await refOf(old)) !== old.commit || !(await isTakenAway(old))) return 'unsure'
      await removeReflog(old)
      return 'deleted'
    })
  } finally {
    await removeEmptyFolders(old)
  }
}

/** The folders that a branch of this name needs, as far as nothing is in them. */
export async function removeEmptyFolders({ gitDir, branch }: BranchPlace): Promise<void> {
  for (const parent of [join(gitDir, 'refs/heads'), join(gitDir, 'logs/refs/heads')]) {
    for (let folder = dirname(branch); folder !== '.'; folder = dirname(folder))
      await tidy(() => removeIfEmpty(join(parent, folder)))
  }
}

async function isTakenAway(old: OldBranch): Promise<boolean> {
  const aside = join(old.gitDir, temporaryName('branch'))
  if (!(await moved(branchFile(old), aside))) return false
  let isGone = false
  try {
    isGone = (await readFile(aside, 'utf8')).trim() === old.commit && (await refOf(old)) === undefined
  } finally {
    if (!isGone) await putBack(old, aside)
  }
  await rm(aside, { force: true })
  return isGone
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    // It is packed, or gone.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}

async function putBack(old: OldBranch, aside: string): Promise<void> {
  if (await linked(aside, branchFile(old))) return rm(aside, { force: true })
  const commit = (await readFile(aside, 'utf8')).trim()
  throw new IntegrityError('TAMPERED', `the branch "${old.branch}" was written in spite of its lock`, {
    data: { path: aside, branch: old.branch, commit },
    hint: `See whether ${commit} is to be kept: the branch was at it for a moment.`,
  })
}

/** Without its branch a reflog tells nobody anything. */
async function removeReflog({ gitDir, branch }: OldBranch): Promise<void> {
  await tidy(() => unlink(join(gitDir, 'logs/refs/heads', branch)))
}

/** The branch counts; what cannot be taken away with it, for want of a permission or since others use it, may stay. */
async function tidy(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove()
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EPERM', 'EACCES', 'EROFS')) throw error
  }
}

function refOf({ gitDir, branch }: OldBranch): Promise<string | undefined> {
  return readRef({ gitDir, commonDir: gitDir }, `refs/heads/${branch}`)
}
