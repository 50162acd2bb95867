import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { runFileProgram } from './file-program.js'

/** The longest path that is told in full; a longer one is cut. */
const LONGEST_PATH = 4096

/**
 * The first entry in some trees that was modified after a point in time; the trees themselves count, links are not
 * followed, what is absent is passed over. It stops at the first hit, so that only trees without one are read whole.
 *
 * What counts is the time of modification. A folder's tells of whatever was made, renamed or removed in it. The time
 * of an inode's change says nothing: a file that a clone shares with the mirror gets a new one with every clone. Such
 * files are passed over altogether, since git also refreshes their time of modification for all who share them.
 *
 * @throws a system error where something cannot be read, and the signal's `stopReason` when it is aborted.
 */
export async function findNewerEntry(
  paths: readonly string[],
  since: Date,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const result = await runFileProgram('find', [...paths, ...newerThan(since)], {
    signal,
    outputLimit: LONGEST_PATH,
  })
  const found = result?.stdout.replace(/\n$/, '')
  if (found) return found
  if (result?.code === 0) return undefined
  // There is no find(1), it knows other options, something is absent, or something cannot be read.
  for (const path of paths) {
    const newer = await firstNewer(path, since, signal)
    if (newer !== undefined) return newer
  }
  return undefined
}

function newerThan(since: Date): string[] {
  const time = since.toISOString().replace('T', ' ').replace('Z', ' UTC')
  const shared = ['-path', '*/.git/objects/*', '-type', 'f', '-links', '+1']
  return ['!', '(', ...shared, ')', '-newermt', time, '-print', '-quit']
}

async function firstNewer(path: string, since: Date, signal?: AbortSignal): Promise<string | undefined> {
  throwIfStopped(signal)
  try {
    const found = await lstat(path)
    const isShared = found.isFile() && found.nlink > 1 && path.includes('/.git/objects/')
    if (found.mtimeMs > since.getTime() && !isShared) return path
    if (!found.isDirectory()) return undefined
    for await (const entry of await opendir(path)) {
      const newer = await firstNewer(join(path, entry.name), since, signal)
      if (newer !== undefined) return newer
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
  return undefined
}
