import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'

/** Flushes a file's content, or a folder's names, to the disk, so that it outlives a power cut. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await file.sync()
  } catch (error) {
    // Windows has no folders that can be flushed, and some network file systems need not.
    if (!isSystemError(error, 'EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR')) throw error
  } finally {
    await file.close()
  }
}
