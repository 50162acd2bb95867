import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { isPresent } from './presence.js'

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
    if (!isSystemError(error, 'EEXIST') || !(await leadsToFolder(directory))) throw error
    return true
  }
}

/** @throws IntegrityError TAMPERED for a link that leads nowhere. */
async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ELOOP')) throw error
    // Whoever removes empty folders may have been faster.
    if (!(await isPresent(path))) throw error
    throw new IntegrityError('TAMPERED', `a link leads nowhere: ${path}`, { data: { path }, cause: error })
  }
}
