import { lstat } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { assertNoLinkInside } from '../fs/contained-path.js'
import { environmentLayout, taskLayout } from '../model/layout.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/**
 * Checks, before anything of a task is listed, moved or deleted, that its folder is the task's own: no link below
 * the root leads elsewhere, and nobody else has put a folder in its place. What does not exist is no link, and what is
 * in the folder is moved and deleted as the link that it may be.
 *
 * @throws IntegrityError TAMPERED naming the link, the file that stands where a folder must be, or the other's folder.
 */
export async function assertOwnFolder(root: string, key: WorkspaceKey): Promise<void> {
  const { rootDir } = taskLayout(root, key)
  await assertNoLinkInside(root, rootDir)
  const owner = await ownerOf(rootDir)
  const self = process.getuid?.()
  // The superuser removes for anybody, and may have given the folder to an agent's user.
  if (owner === undefined || self === undefined || self === 0 || owner === self) return
  // On some network volumes everything belongs to one user, whoever made it.
  if (owner === (await ownerOf(environmentLayout(root, key.envId).managerDir))) return
  throw new IntegrityError('TAMPERED', `the folder belongs to another user (${owner}): ${rootDir}`, {
    data: { path: rootDir, owner },
  })
}

async function ownerOf(path: string): Promise<number | undefined> {
  try {
    const found = await lstat(path)
    if (found.isDirectory()) return found.uid
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
  throw new IntegrityError('TAMPERED', `expected a directory, found a file: ${path}`, { data: { path } })
}
