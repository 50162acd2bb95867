import { namesIn } from '../../fs/presence.js'
import { isTrashName } from '../../fs/trash.js'
import type { OrphanDirectory } from '../../retention/findings.js'
import { ARTIFACTS } from '../removing/task-trash.js'

/**
 * What a folder in the place of a task holds. Undefined where it does not look like one of ours: an old shared
 * checkout may have a folder `tasks` of its own.
 */
export async function taskContent(path: string): Promise<OrphanDirectory['content'] | undefined> {
  const names = await namesIn(path)
  if (names.includes('workdir')) return 'checkout'
  if (!names.includes('output') || !names.includes('logs')) return undefined
  return names.every((name) => ARTIFACTS.includes(name) || isTrashName(name)) ? 'artifacts' : 'remains'
}
