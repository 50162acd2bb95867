import { lstatSync } from 'node:fs'
import { isSystemError } from '../errors/system-error.js'

/**
 * A change so shortly after another may leave the same time of modification: by the clock of a kernel's ticks, or by
 * that of a file system that keeps whole seconds, or two.
 */
const SETTLED_MS = { ticks: 100, seconds: 3_000 } as const

/**
 * Tells a folder from what it was before: as long as it stays the same, no name in it has come, gone, or been given to
 * another file. Undefined for one that was changed just now, and for what is no folder. Not asynchronous: a look-up
 * takes microseconds, a turn through the thread pool ten times that.
 */
export function settledStamp(folder: string, now: Date): string | undefined {
  try {
    const stats = lstatSync(folder, { bigint: true })
    const { dev, ino, mtimeNs, ctimeNs } = stats
    const changedNs = ctimeNs > mtimeNs ? ctimeNs : mtimeNs
    const settledMs = changedNs % 1_000_000_000n === 0n ? SETTLED_MS.seconds : SETTLED_MS.ticks
    const isSettled = now.getTime() - Number(changedNs / 1_000_000n) >= settledMs
    // A link's own times say nothing about where it leads.
    return isSettled && stats.isDirectory() ? [dev, ino, mtimeNs, ctimeNs].join(':') : undefined
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}
