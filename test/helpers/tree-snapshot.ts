import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { emptiedTrash } from './emptied-trash.js'

export interface SnapshotOptions {
  /** Relative paths ('/' between folders) that are left out together with all below them. */
  readonly ignore?: readonly string[]
  /** Whether the modification time belongs to what is compared. Default false. */
  readonly mtime?: boolean
}

/** One line of facts for each path below a directory: what `expect(after).toEqual(before)` needs. */
export type TreeSnapshot = Record<string, string>

/** What is being deleted in the background is not looked at; what stays in the trash is. */
const TRASH_MS = 3_000
const isTrash = (path: string) => /(?:^|\/)\.git-task\/trash$/.test(path)

const MARK = '\ue000'

/** Records type, mode, link target and content hash of every entry below a directory; links are not followed. */
export async function snapshotTree(directory: string, options: SnapshotOptions = {}): Promise<TreeSnapshot> {
  const snapshot: TreeSnapshot = {}
  await visit(directory, '', options, snapshot)
  return snapshot
}

async function visit(root: string, folder: string, options: SnapshotOptions, into: TreeSnapshot) {
  const names = (await readdir(bytes(join(root, folder)), 'latin1')).sort()
  for (const name of names) {
    const path = posix.join(folder, readable(name))
    if (options.ignore?.includes(path)) continue
    if (isTrash(path) && (await emptiedTrash(join(root, path), TRASH_MS)).length === 0) continue
    const stats = await lstat(bytes(join(root, path)))
    into[path] = await describeEntry(join(root, path), stats, options)
    if (stats.isDirectory()) await visit(root, path, options, into)
  }
}

// A name that is no UTF-8 has a mark, and one character for each byte.
function readable(name: string): string {
  const text = Buffer.from(name, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? `${MARK}${name}` : text
}

function bytes(path: string): Buffer {
  const parts = path
    .split('/')
    .map((part) =>
      part.startsWith(MARK) ? Buffer.from(part.slice(MARK.length), 'latin1') : Buffer.from(part),
    )
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('/'), part])))
}

async function describeEntry(path: string, stats: Stats, options: SnapshotOptions): Promise<string> {
  const mode = (stats.mode & 0o7777).toString(8)
  const time = options.mtime === true ? ` ${stats.mtimeMs}` : ''
  return `${await describeContent(path, stats)} ${mode}${time}`
}

async function describeContent(path: string, stats: Stats): Promise<string> {
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return `link -> ${await readlink(bytes(path))}`
  if (!stats.isFile()) return 'special'
  const hash = createHash('sha256').update(await readFile(bytes(path)))
  return `file ${hash.digest('hex')}`
}
