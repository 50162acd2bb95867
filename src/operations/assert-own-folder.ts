import { assertNoLinkInside } from '../fs/contained-path.js'
import { taskLayout } from '../model/layout.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/**
 * Checks, before anything of a task is listed, moved or deleted, that its folder is the task's own: no link below
 * the root leads elsewhere. What does not exist is no link, and what is in the folder is moved and deleted as the
 * link that it may be.
 *
 * @throws IntegrityError TAMPERED naming the link, or the file that stands where a folder must be.
 */
export function assertOwnFolder(root: string, key: WorkspaceKey): Promise<void> {
  return assertNoLinkInside(root, taskLayout(root, key).rootDir)
}
