import { join } from 'node:path'
import { kindOf, namesIn } from '../../fs/presence.js'
import { makerOfTemporary } from '../../fs/temporary-name.js'
import { isTrashName } from '../../fs/trash.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { parseSessionName, sessionName } from '../../model/workspace-key.js'
import type { TrashFinding } from '../../retention/findings.js'
import type { Services } from '../services.js'

/**
 * What earlier removals have left in the trash. What nobody of ours can have put there is told apart, and so is a
 * trash that is a link: what it leads to is not looked at.
 */
export async function surveyTrash(
  services: Services,
  envId: string,
  records: readonly SessionRecord[],
): Promise<TrashFinding[]> {
  const { trashDir } = environmentLayout(services.settings.root, envId)
  const kind = await kindOf(trashDir)
  if (kind === 'absent') return []
  if (kind !== 'directory') return [{ kind: 'trash', path: trashDir, key: undefined, stranger: trashDir }]
  // A session that is being removed empties its own.
  const busy = records.filter(({ state }) => state === 'removing' || state === 'preparing')
  const theirs = new Set(busy.map((record) => sessionName(record)))
  // A sweep gives what it is deleting a name that tells its maker, and a cleanup remembers it.
  const isBeingDeleted = (name: string) =>
    makerOfTemporary(name) === 'alive' || services.deletions.isAtWorkIn(join(trashDir, name))
  const left = (await namesIn(trashDir)).filter((name) => !theirs.has(name) && !isBeingDeleted(name))
  return Promise.all(left.map((name) => describe(envId, trashDir, name)))
}

async function describe(envId: string, trashDir: string, name: string): Promise<TrashFinding> {
  const path = join(trashDir, name)
  const key = parseSessionName(envId, name)
  return { kind: 'trash', path, key, stranger: await strangerAt(path, name) }
}

/** What is moved to the trash gets a name of its own there, in a folder of its session where it has one. */
async function strangerAt(path: string, name: string): Promise<string | undefined> {
  if (isOurs(name)) return undefined
  if ((await kindOf(path)) !== 'directory') return path
  const stranger = (await namesIn(path)).find((inside) => !isOurs(inside))
  return stranger && join(path, stranger)
}

function isOurs(name: string): boolean {
  return isTrashName(name) || makerOfTemporary(name) !== undefined || name.startsWith('.nfs')
}
