import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'

/**
 * The one name of a path, whether it exists or not: links in its existing parent folders are resolved.
 *
 * Done without waiting, so that calls keep the order in which they were made.
 */
export function canonicalPath(path: string): string {
  const absolute = resolve(path)
  const parent = dirname(absolute)
  return parent === absolute ? absolute : join(canonicalFolder(parent), basename(absolute))
}

function canonicalFolder(folder: string): string {
  try {
    return realpathSync.native(folder)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
    return canonicalPath(folder)
  }
}
