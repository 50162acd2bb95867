import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { modifiedAt } from './lock-holder.js'
import { temporaryName } from './temporary-name.js'

/**
 * What time it is for the server of a folder's file system, in milliseconds: hosts' own clocks may disagree.
 * Undefined where nothing can be written to the folder.
 */
export async function serverTime(directory: string): Promise<number | undefined> {
  const probe = join(directory, temporaryName('clock'))
  try {
    await writeFile(probe, '', { mode: 0o600 })
    return await modifiedAt(probe)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS')) throw error
    return undefined
  } finally {
    await rm(probe, { force: true })
  }
}
