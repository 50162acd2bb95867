import { opendir } from 'node:fs/promises'
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
