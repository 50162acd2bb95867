import { relative } from 'node:path'
import { systemErrorCode } from '../../errors/system-error.js'
import { findNewerEntry } from '../../fs/newer-entry.js'
import type { Activity } from '../../retention/findings.js'

/**
 * Whether anything in some folders was changed after a point in time; of what cannot be read that is unknown. What
 * was found is named as seen from the first folder.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function lookForActivity(
  folders: readonly [string, ...string[]],
  since: Date,
  signal: AbortSignal | undefined,
): Promise<Activity> {
  try {
    const newer = await findNewerEntry(folders, since, signal)
    return newer === undefined ? { kind: 'none' } : { kind: 'newer', path: nameOf(newer, folders[0]) }
  } catch (error) {
    if (!(error instanceof Error) || systemErrorCode(error) === undefined) throw error
    return { kind: 'unknown', problem: error.message }
  }
}

function nameOf(path: string, folder: string): string {
  if (path === folder) return 'its folder'
  return path.startsWith(`${folder}/`) ? relative(folder, path) : path
}
