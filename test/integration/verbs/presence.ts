import { lstat, readdir } from 'node:fs/promises'
import { isSystemError } from '../../../src/errors/system-error.js'

/** Whether something is at a path, a dangling link included. */
export function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** The names in a folder, sorted; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    // A deletion in the background may be at it just now.
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
