import { join } from 'node:path'
import { IntegrityError } from '../../errors/workspace-error.js'
import { assertNoLinkInside } from '../../fs/contained-path.js'
import { namesIn } from '../../fs/presence.js'
import { moveToTrash } from '../../fs/trash.js'
import { environmentLayout } from '../../model/layout.js'
import { describeKey } from '../../model/workspace-key.js'
import type { Services } from '../services.js'

/**
 * Moves a mirror that has lost its objects to the trash, so that it can be made anew; the fetch lock is held. Nothing
 * that a workspace needs is moved: what it has of the mirror may be what its work can still be told by.
 *
 * @throws IntegrityError TAMPERED naming the folder, and the workspaces that were made from it.
 */
export async function setRuinsAside(services: Services, envId: string): Promise<void> {
  const { mirrorDir, trashDir } = environmentLayout(services.settings.root, envId)
  const users = await usersOf(services, envId)
  if (users.length > 0) throw ruined(mirrorDir, users)
  services.events.emit(
    'warning',
    { key: { envId } },
    { code: 'TAMPERED', message: `the mirror has lost its objects, and is made anew: ${mirrorDir}` },
  )
  await assertNoLinkInside(services.settings.root, trashDir)
  await moveToTrash(mirrorDir, trashDir)
}

async function usersOf(services: Services, envId: string): Promise<string[]> {
  const { mirrorDir } = environmentLayout(services.settings.root, envId)
  const records = await services.store.list(envId)
  const sessions = records.filter(
    // A reserved one waits for the mirror, and has nothing of it yet.
    ({ state, strategy }) =>
      state !== 'reserved' && services.strategies.get(strategy)?.traits.usesRepository !== false,
  )
  const unreadable = await services.store.unreadable(envId)
  const worktrees = join(mirrorDir, 'worktrees')
  const registered = await namesIn(worktrees)
  return [
    ...sessions.map((record) => describeKey(record)),
    ...unreadable.map(({ place }) => place),
    ...(sessions.length > 0 ? [] : registered.map((name) => join(worktrees, name))),
  ]
}

function ruined(mirrorDir: string, users: readonly string[]): IntegrityError {
  const message = `the mirror ${mirrorDir} has lost its objects, and was used by ${users.join(', ')}`
  return new IntegrityError('TAMPERED', message, {
    data: { path: mirrorDir, users: [...users] },
    hint:
      'Bring the folder `objects` back. Or save what is needed from the checkouts, clean them up with onUnsavedWork ' +
      "'discard', and prepare again: then the mirror is made anew.",
  })
}
