import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, systemErrorCode } from '../errors/system-error.js'
import { runFileProgram } from './file-program.js'

/**
 * Removes as much as it can and resolves to the failure, if there was one.
 *
 * A child does it, because Node deletes large trees slowly and stalls the event loop meanwhile.
 */
export async function removeRecursively(path: string, signal?: AbortSignal): Promise<unknown> {
  const result = await runFileProgram('rm', ['-rf', '--', path], signal)
  if (result === undefined) return removeInProcess(path)
  return result.code === 0 ? undefined : new Error(result.stderr || `rm ended with ${result.code}`)
}

async function removeInProcess(path: string): Promise<unknown> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    return undefined
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return error
  }
}

/** Gives the owner back the right to change a directory; false, and nothing done, for anything else. */
export async function makeWritable(path: string): Promise<boolean> {
  const found = await lstat(path)
  if (found.isDirectory()) await chmod(path, (found.mode & 0o777) | 0o700)
  return found.isDirectory()
}

/** The same for every directory of a tree. */
export async function makeTreeWritable(path: string): Promise<void> {
  try {
    if (!(await makeWritable(path))) return
    for (const name of await readdir(path)) await makeTreeWritable(join(path, name))
  } catch (error) {
    // What cannot be changed shows in the deletion that follows.
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS')) throw error
  }
}
