import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'

/** The first entries of a plain folder but for those to be left out; a folder without git saves nothing elsewhere. */
export async function folderContent(directory: string, leaveOut: readonly string[]): Promise<string[]> {
  const found: string[] = []
  try {
    for await (const entry of await opendir(directory)) {
      if (!leaveOut.includes(entry.name)) found.push(entry.name)
      if (found.length === 100) break
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
  return found
}

/** Every file that relative paths name: itself, or all below it where the path has a `/` at the end. */
export async function* filesAt(directory: string, paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    if (path.endsWith('/')) yield* filesBelow(join(directory, path))
    else yield join(directory, path)
  }
}

/** Every path below a folder that is no folder itself; links are not followed, what cannot be read is left out. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  const folders: string[] = []
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else yield path
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ENAMETOOLONG')) throw error
  }
  for (const below of folders) yield* filesBelow(below)
}
