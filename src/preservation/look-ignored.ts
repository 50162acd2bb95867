import { lstatSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { diskPath } from '../fs/byte-names.js'
import { filesAt } from './folder-content.js'

/** Bytes are the lengths of the files. */
export interface FolderSize {
  readonly files: number
  readonly bytes: number
}

/** So many files are looked at without a pause, which is about a millisecond. */
const AT_ONCE = 250

/**
 * Counts files, and all files in folders, which have a `/` at the end. Links are not followed, what vanishes
 * meanwhile or cannot be read counts nothing; memory does not grow with the number of files. `onFile` is told each one,
 * by its path.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function sizeOf(
  workDir: string,
  paths: readonly string[],
  signal?: AbortSignal,
  onFile: (path: string) => void = () => undefined,
): Promise<FolderSize> {
  let [files, bytes] = [0, 0]
  for await (const file of filesAt(workDir, paths)) {
    bytes += lengthOf(file)
    onFile(file)
    files += 1
    if (files % AT_ONCE !== 0) continue
    await nextTurn()
    throwIfStopped(signal)
  }
  return { files, bytes }
}

/** Not asynchronous: a look-up takes microseconds, a turn through the thread pool ten times that. */
function lengthOf(path: string): number {
  try {
    return lstatSync(diskPath(path), { throwIfNoEntry: false })?.size ?? 0
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR', 'EACCES', 'EPERM', 'ENAMETOOLONG')) return 0
    throw error
  }
}
