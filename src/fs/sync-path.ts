import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'

/** Flushes a file's content, or a folder's names, to the disk, so that it outlives a power cut. */
export async function syncPath(path: string): Promise<void> {
  // Where somebody has put a pipe in the file's place meanwhile, nothing waits for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    await file.sync()
  } catch (error) {
    // Windows has no folders that can be flushed, and some network file systems need not.
    if (!isSystemError(error, 'EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR')) throw error
  } finally {
    await file.close()
  }
}
