import { realpathSync } from 'node:fs'
import { parse } from 'node:path'
import { isSystemError } from '../errors/system-error.js'

/**
 * Undefined: where this process is. In a folder that is gone, as a checkout that somebody stands in and has cleaned up,
 * git does nothing at all; what it is to work on is named by absolute paths.
 */
export function whereToStart(): string | undefined {
  try {
    realpathSync.native('.')
    return undefined
  } catch (error) {
    return isSystemError(error, 'ENOENT') ? parse(process.execPath).root : undefined
  }
}
