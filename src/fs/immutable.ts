import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isSystemError } from '../errors/system-error.js'
import { diskPath } from './byte-names.js'
import { kindOf, readableEntriesIn } from './presence.js'

/** So many are looked at without a pause, which is about a millisecond. */
const AT_ONCE = 250

/**
 * The first file or folder of a tree that nobody may change, root included, as by chattr(1): it cannot be deleted either.
 * No more than so many entries are looked at; what vanishes meanwhile is passed over, and links are not followed.
 */
export async function firstImmutable(path: string, most: number): Promise<string | undefined> {
  const kind = await kindOf(path)
  if ((kind === 'file' || kind === 'directory') && isImmutable(path)) return path
  let seen = 0
  const folders = kind === 'directory' ? [path] : []
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of (await readableEntriesIn(folder)) ?? []) {
      if (!entry.isFile() && !entry.isDirectory()) continue
      const below = join(folder, entry.name)
      if (isImmutable(below)) return below
      if (entry.isDirectory()) folders.push(below)
      seen += 1
      if (seen >= most) return undefined
      if (seen % AT_ONCE === 0) await nextTurn()
    }
  }
  return undefined
}

/** Linux answers EPERM for these alone; where only the permissions forbid it, EACCES. */
function isImmutable(path: string): boolean {
  try {
    accessSync(diskPath(path), constants.W_OK)
    return false
  } catch (error) {
    if (isSystemError(error, 'EPERM')) return true
    if (isSystemError(error, 'EACCES', 'ENOENT', 'ENOTDIR', 'EROFS', 'ETXTBSY', 'ENAMETOOLONG')) return false
    throw error
  }
}
