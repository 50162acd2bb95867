import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join, posix } from 'node:path'

export interface SnapshotOptions {
  /** Relative paths ('/' between folders) that are left out together with all below them. */
  readonly ignore?: readonly string[]
  /** Whether the modification time belongs to what is compared. Default false. */
  readonly mtime?: boolean
}

/** One line of facts for each path below a directory: what `expect(after).toEqual(before)` needs. */
export type TreeSnapshot = Record<string, string>

/** Records type, mode, link target and content hash of every entry below a directory; links are not followed. */
export async function snapshotTree(directory: string, options: SnapshotOptions = {}): Promise<TreeSnapshot> {
  const snapshot: TreeSnapshot = {}
  await visit(directory, '', options, snapshot)
  return snapshot
}

async function visit(root: string, folder: string, options: SnapshotOptions, into: TreeSnapshot) {
  const names = (await readdir(join(root, folder))).sort()
  for (const name of names) {
    const path = posix.join(folder, name)
    if (options.ignore?.includes(path)) continue
    const stats = await lstat(join(root, path))
    into[path] = await describeEntry(join(root, path), stats, options)
    if (stats.isDirectory()) await visit(root, path, options, into)
  }
}

async function describeEntry(path: string, stats: Stats, options: SnapshotOptions): Promise<string> {
  const mode = (stats.mode & 0o7777).toString(8)
  const time = options.mtime === true ? ` ${stats.mtimeMs}` : ''
  return `${await describeContent(path, stats)} ${mode}${time}`
}

async function describeContent(path: string, stats: Stats): Promise<string> {
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return `link -> ${await readlink(path)}`
  if (!stats.isFile()) return 'special'
  const hash = createHash('sha256').update(await readFile(path))
  return `file ${hash.digest('hex')}`
}
