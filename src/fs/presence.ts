import { type Dirent, lstatSync, type Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'
import { atOnce } from './at-once.js'
import { diskPath, textOfBytes } from './byte-names.js'
import { inTurns } from './in-turns.js'

export type EntryKind = 'absent' | 'file' | 'directory' | 'other'

/** Something in a folder; its name is as in `textOfBytes`. */
export type Entry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>

/** What has this name, without following a link; a link is `other`. */
export async function kindOf(path: string): Promise<EntryKind> {
  const kind = atOnce(() => kindNow(path))
  if (kind !== 'not now') return kind.answer
  try {
    return kindIn(await lstat(diskPath(path)))
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'absent'
    throw error
  }
}

/** The same of several, in their order, without a turn through the thread pool for each. */
export async function kindsOf(paths: readonly string[]): Promise<EntryKind[]> {
  const kinds: EntryKind[] = []
  for await (const some of inTurns(paths)) kinds.push(...some.map(kindNow))
  return kinds
}

function kindNow(path: string): EntryKind {
  try {
    const stats = lstatSync(diskPath(path), { throwIfNoEntry: false })
    return stats === undefined ? 'absent' : kindIn(stats)
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR')) return 'absent'
    throw error
  }
}

function kindIn(stats: Stats): EntryKind {
  if (stats.isFile()) return 'file'
  return stats.isDirectory() ? 'directory' : 'other'
}

/** Whether anything has this name; a link counts, wherever it points. */
export async function isPresent(path: string): Promise<boolean> {
  return (await kindOf(path)) !== 'absent'
}

/** The names in a folder; none where there is no folder. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    const path = diskPath(directory)
    const names = await readdir(path)
    if (!names.some(mayBeOdd)) return names
    return (await readdir(path, { encoding: 'buffer' })).map(textOfBytes)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

/** The same with their kinds. */
export async function entriesIn(directory: string): Promise<Entry[]> {
  try {
    const path = diskPath(directory)
    const entries = await readdir(path, { withFileTypes: true })
    if (!entries.some(({ name }) => mayBeOdd(name))) return entries
    return (await readdir(path, { withFileTypes: true, encoding: 'buffer' })).map(withText)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

/** The same; undefined for a folder that may not be read, or whose path is too long for a system call. */
export async function readableEntriesIn(directory: string): Promise<Entry[] | undefined> {
  try {
    return await entriesIn(directory)
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'ENAMETOOLONG')) return undefined
    throw error
  }
}

/** Node puts U+FFFD in the place of what is no UTF-8: the file is then found under its bytes alone. */
const mayBeOdd = (name: string) => name.includes('\ufffd')

const withText = (entry: Dirent<Buffer>): Entry => ({
  name: textOfBytes(entry.name),
  isFile: () => entry.isFile(),
  isDirectory: () => entry.isDirectory(),
  isSymbolicLink: () => entry.isSymbolicLink(),
})
