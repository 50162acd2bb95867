import { assertNoLinkInside } from '../fs/contained-path.js'
import { environmentLayout, taskLayout } from '../model/layout.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/**
 * Checks, before anything of a task is listed, moved or deleted, that its folder and the checkout in it are the task's
 * own: no link below the folder of all tasks leads elsewhere. What does not exist is no link.
 *
 * @throws IntegrityError TAMPERED naming the link, or the file that stands where the task's folder must be.
 */
export function assertOwnFolder(root: string, key: WorkspaceKey): Promise<void> {
  const { tasksDir } = environmentLayout(root, key.envId)
  return assertNoLinkInside(tasksDir, taskLayout(root, key).workDir)
}
