import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { diskUsage } from './disk-usage.js'
import { isPresent } from './presence.js'
import { temporaryName } from './temporary-name.js'
import { deleteTree } from './trash.js'

/**
 * Deletes a file or a tree that others may be about to delete as well: whoever renames it first does it, under a name
 * that tells others who is at it. What could not be deleted gets its name back, unless that was given away.
 *
 * @returns the bytes of disk blocks that it took; undefined where it was gone, or another was first.
 * @throws IntegrityError ROLLBACK_INCOMPLETE when something is still there afterwards.
 */
export async function removeOnce(path: string, signal?: AbortSignal): Promise<number | undefined> {
  const claimed = join(dirname(path), temporaryName('swept'))
  if (!(await renamed(path, claimed))) return undefined
  try {
    const bytes = await diskUsage(claimed, signal)
    await deleteTree(claimed, { signal })
    return bytes
  } finally {
    if ((await isPresent(claimed)) && !(await isPresent(path))) await renamed(claimed, path)
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
    return false
  }
}
