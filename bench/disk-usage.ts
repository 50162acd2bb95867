import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'

const BLOCK_BYTES = 512

/** What the trees really take on the disk, in bytes: allocated blocks, a file with several names once. */
export function diskUsage(paths: readonly string[], exceptFor: ReadonlySet<string> = new Set()): number {
  const seen = new Set<string>()
  let bytes = 0
  for (const path of paths) {
    for (const stats of walk(path, exceptFor)) {
      const identity = `${stats.dev}:${stats.ino}`
      if (seen.has(identity)) continue
      seen.add(identity)
      bytes += stats.blocks * BLOCK_BYTES
    }
  }
  return bytes
}

/** The checkouts' files and folders, without what git keeps beside them. */
export function checkoutUsage(workDirs: readonly string[]): number {
  return diskUsage(workDirs, new Set(workDirs.map((workDir) => join(workDir, '.git'))))
}

function* walk(path: string, exceptFor: ReadonlySet<string>): Generator<Stats> {
  if (exceptFor.has(path)) return
  const stats = lstatSync(path)
  yield stats
  if (!stats.isDirectory()) return
  for (const name of readdirSync(path)) yield* walk(join(path, name), exceptFor)
}
