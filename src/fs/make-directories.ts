import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSystemError } from '../errors/system-error.js'

/**
 * Creates a folder and those above it that are missing, one after the other. Rejects with what the system said of the
 * one that could not be made: a recursive `mkdir` says ENOENT where the disk is full.
 */
export async function makeDirectories(
  directory: string,
  options: { readonly mode?: number } = {},
): Promise<void> {
  if (await isMade(directory, options)) return
  await makeDirectories(dirname(directory), options)
  // Who removes empty folders may be faster, and is to be heard of.
  if (!(await isMade(directory, options))) await mkdir(directory, options)
}

/** False where the folder above is missing. */
async function isMade(directory: string, options: { readonly mode?: number }): Promise<boolean> {
  try {
    await mkdir(directory, options)
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT') && dirname(directory) !== directory) return false
    if (!isSystemError(error, 'EEXIST') || !(await stat(directory)).isDirectory()) throw error
    return true
  }
}
