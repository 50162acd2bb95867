import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'

export type EntryKind = 'absent' | 'file' | 'directory' | 'other'

/** What has this name, without following a link; a link is `other`. */
export async function kindOf(path: string): Promise<EntryKind> {
  try {
    const stats = await lstat(path)
    if (stats.isFile()) return 'file'
    return stats.isDirectory() ? 'directory' : 'other'
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'absent'
    throw error
  }
}

/** Whether anything has this name; a link counts, wherever it points. */
export async function isPresent(path: string): Promise<boolean> {
  return (await kindOf(path)) !== 'absent'
}

/** The names in a folder; none where there is no folder. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

/** The same with their kinds. */
export async function entriesIn(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
