import { assertNoLinkInside } from '../../fs/contained-path.js'
import { namesIn } from '../../fs/presence.js'
import { makerOfTemporary } from '../../fs/temporary-name.js'
import { moveToTrash } from '../../fs/trash.js'
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
  await withEnvironment(services, envId, undefined, () => removeUnneeded(services, envId))
}

/** Under the environment's lock nobody announces an archive. */
async function removeUnneeded(services: Services, envId: string): Promise<void> {
  const { archivesDir, archivesRepository, trashDir } = environmentLayout(services.settings.root, envId)
  const names = await namesIn(archivesDir)
  if (names.some((name) => makerOfTemporary(name) !== undefined)) return
  const archives = await listArchives(services, { envId })
  // A record that cannot be read may need anything.
  if (archives.length < names.filter((name) => name.endsWith('.json')).length) return
  if (archives.length === 0) {
    await assertNoLinkInside(services.settings.root, trashDir)
    await moveToTrash(archivesRepository, trashDir)
    return
  }
  const needed = new Set(archives.flatMap(({ workspace }) => workspace.basePacks))
  await removeBasePacks({ gitDir: archivesRepository }, needed)
}
