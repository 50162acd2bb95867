import { assertNoLinkInside } from '../../fs/contained-path.js'
import { namesIn } from '../../fs/presence.js'
import { makerOfTemporary } from '../../fs/temporary-name.js'
import { deleteTree, moveToTrash } from '../../fs/trash.js'
import { environmentLayout } from '../../model/layout.js'
import { removeBasePacks } from '../../preservation/archive-packs.js'
import { listArchives } from '../list-archives.js'
import type { Services } from '../services.js'
import { withEnvironment } from '../session-lock.js'
import { removeArchive } from './archive-leftovers.js'

/**
 * Deletes one archive for good, with the objects that no other archive of the environment needs. Idempotent.
 *
 * Nothing that an archive in the making may count on is taken away: then the objects stay until the next deletion.
 */
export async function deleteArchive(services: Services, envId: string, archiveId: string): Promise<void> {
  await services.beforeStep('cleanup', 'delete-archive')
  await removeArchive(services, envId, archiveId)
  await deleteUnneeded(services, envId)
}

/** Deletes the objects that no archive of the environment needs; a killed cleanup may have left some. */
export async function deleteUnneeded(services: Services, envId: string): Promise<void> {
  const trash = await withEnvironment(services, envId, undefined, () => removeUnneeded(services, envId))
  // Not under the lock, since it may be large.
  if (trash !== undefined) await deleteTree(trash)
}

/** Under the environment's lock nobody announces an archive. @returns what is in the trash by then. */
async function removeUnneeded(services: Services, envId: string): Promise<string | undefined> {
  const { archivesDir, archivesRepository, trashDir } = environmentLayout(services.settings.root, envId)
  const names = await namesIn(archivesDir)
  if (names.some((name) => makerOfTemporary(name) !== undefined)) return undefined
  const archives = await listArchives(services, { envId })
  // A record that cannot be read may need anything.
  if (archives.length < names.filter((name) => name.endsWith('.json')).length) return undefined
  if (archives.length === 0) {
    await assertNoLinkInside(services.settings.root, trashDir)
    return moveToTrash(archivesRepository, trashDir)
  }
  const needed = new Set(archives.flatMap(({ workspace }) => workspace.basePacks))
  await removeBasePacks({ gitDir: archivesRepository }, needed)
  return undefined
}
