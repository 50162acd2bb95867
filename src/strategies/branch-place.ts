import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { assertNoLinkInside } from '../fs/contained-path.js'
import { refStorageOf } from '../git/ref-storage.js'
import type { BranchPlace } from './branch-lock.js'

/**
 * Checks that no folder of a branch or of its reflog is a link, which an agent that shares the repository may have
 * made, and that would lead a write or a deletion elsewhere.
 *
 * @throws IntegrityError TAMPERED naming the link.
 */
export async function assertPlainWay({ gitDir, branch }: BranchPlace): Promise<void> {
  // With tables `refs/heads` is a file, and git opens nothing by the name of a branch.
  if ((await refStorageOf(gitDir)) !== 'files') return
  for (const folder of ['refs/heads', 'logs/refs/heads']) {
    const root = join(gitDir, folder)
    await assertNoLinkInside(root, join(root, branch, '..'))
  }
}

/** A reflog that was left for a branch that is no more, and that is a link or has a second name, is no reflog. */
export async function removeOddReflog({ gitDir, branch }: BranchPlace): Promise<void> {
  const log = join(gitDir, 'logs/refs/heads', branch)
  try {
    const found = await lstat(log)
    if (!found.isDirectory() && (!found.isFile() || found.nlink > 1)) await rm(log, { force: true })
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}
