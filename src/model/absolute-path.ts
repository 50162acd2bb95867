import { resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'

/** A path as the current folder makes it absolute; undefined for a relative one where that folder is gone. */
export function absolutePath(path: string): string | undefined {
  try {
    return resolve(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}
