import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError, systemErrorCode } from '../errors/system-error.js'
import { type ProgramOptions, type ProgramResult, runFileProgram } from './file-program.js'

/** What keeps rm from crossing into another file system: rm(1) of the GNU and of the BSD kind. */
const SAME_FILE_SYSTEM = process.platform === 'linux' ? '--one-file-system' : '-x'

export interface RemoveOptions extends ProgramOptions {
  /** What happens to the folder that it is in, by the same child; default `stays`. */
  readonly parent?: 'stays' | 'goes if empty' | undefined
}

/** Ends as rm does. */
const REMOVE_AND_TIDY = 'parent=$1; shift; rm "$@"; code=$?; rmdir "$parent" 2>/dev/null; exit $code'

/**
 * Removes as much as it can of what is on the tree's own file system, and resolves to the failure, if there was one.
 *
 * A child does it, because Node deletes large trees slowly and stalls the event loop meanwhile. A link is removed
 * and not followed, also where somebody swaps a folder for one meanwhile.
 */
export async function removeRecursively(path: string, options?: RemoveOptions): Promise<unknown> {
  const result = await runRemove(['-rf', SAME_FILE_SYSTEM], [path], options)
  if (result === undefined) return removeInProcess(path)
  return result.code === 0 ? undefined : new Error(result.stderr || `rm ended with ${result.code}`)
}

/** The same by a child that goes on by itself, and of which nothing more is heard. */
export function removeOnItsOwn(paths: readonly string[]): void {
  runRemove(['-rf', SAME_FILE_SYSTEM], paths, { life: 'its own' }).catch((error: unknown) => {
    process.emitWarning(error instanceof Error ? error : String(error))
  })
}

async function runRemove(
  flags: readonly string[],
  paths: readonly string[],
  options: RemoveOptions | undefined,
): Promise<ProgramResult | undefined> {
  const args = [...flags, '--', ...paths]
  const result =
    options?.parent === 'goes if empty'
      ? await runFileProgram('sh', ['-c', REMOVE_AND_TIDY, 'sh', dirname(paths[0] ?? ''), ...args], options)
      : await runFileProgram('rm', args, options)
  // Small systems have an rm that knows nothing of file systems.
  const isUnknown =
    flags.length > 1 && /(?:unrecognized|illegal|invalid|unknown) option/.test(result?.stderr ?? '')
  return isUnknown ? runRemove(['-rf'], paths, options) : result
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
