import { dirname, join } from 'node:path'
import { assertNoLinks } from '../fs/contained-path.js'
import { environmentLayout } from '../model/layout.js'

/**
 * Checks, before a verb takes its first lock, that the folders of an environment are its own: where a link stands in
 * the place of one, nothing is written, moved or deleted in what it leads to. What does not exist is no link.
 *
 * @throws IntegrityError TAMPERED naming what stands there.
 */
export async function assertOwnEnvironment(root: string, envId: string): Promise<void> {
  await assertOwnFolders(root, envId)
  await assertNoLinks([environmentLayout(root, envId).trashDir])
}

/** The same for all folders but the trash, of which a sweep tells by itself what stands in its place. */
export async function assertOwnFolders(root: string, envId: string): Promise<void> {
  const layout = environmentLayout(root, envId)
  const { directory, managerDir, tasksDir, sessionsDir, locksDir, indexesDir, scratchDir } = layout
  const { archivesDir, archivesRepository, mirrorDir } = layout
  await assertNoLinks([
    ...[dirname(directory), directory, managerDir, tasksDir, sessionsDir, locksDir, indexesDir, scratchDir],
    ...[archivesDir, archivesRepository, mirrorDir],
  ])
}

/** The same for the folders in `archives.git` that something is written to or deleted from. */
export async function assertOwnArchives(root: string, envId: string): Promise<void> {
  const { archivesRepository } = environmentLayout(root, envId)
  const inside = ['objects', 'objects/pack', 'objects/info', 'refs', 'refs/archives', 'info', 'logs']
  await assertNoLinks([archivesRepository, ...inside.map((name) => join(archivesRepository, name))])
}
