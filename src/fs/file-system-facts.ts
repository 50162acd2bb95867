import { constants, copyFile, lstat, rm, statfs, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { kindOf } from './presence.js'
import { temporaryName } from './temporary-name.js'

/** How much room a file system has. */
export interface FreeSpace {
  readonly freeBytes: number
  /** Of 100; what only the superuser may use is not free. */
  readonly freePercent: number
  /** How many more files it takes; undefined where it does not count them. */
  readonly freeFiles: number | undefined
}

/** What a file system does with names and copies. */
export interface FileSystemTraits {
  readonly names: 'case counts' | 'case does not count'
  /** `shared`: a copy shares its blocks with the original until one of them is changed. */
  readonly copies: 'shared' | 'whole'
}

/** The number of the device that a path is on; of one that is absent, that of the first folder above it. */
export async function deviceOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).dev
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR') || dirname(path) === path) throw error
    return deviceOf(dirname(path))
  }
}

/** The room on the file system of a folder. */
export async function freeSpace(directory: string): Promise<FreeSpace> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(directory)
  return {
    freeBytes: bavail * bsize,
    freePercent: blocks === 0 ? 100 : (100 * bavail) / blocks,
    freeFiles: files === 0 ? undefined : ffree,
  }
}

/** Tries it out with a file in the folder, which is gone afterwards. Undefined where none can be written. */
export async function fileSystemTraits(directory: string): Promise<FileSystemTraits | undefined> {
  const probe = join(directory, temporaryName('probe'))
  const copy = join(directory, temporaryName('copy'))
  try {
    // A block and more: a file system may keep a shorter file where it has nothing to share.
    await writeFile(probe, Buffer.alloc(8192, 1), { mode: 0o600, flag: 'wx' })
    const twin = join(directory, basename(probe).replace('probe', 'PROBE'))
    const names = (await kindOf(twin)) === 'absent' ? 'case counts' : 'case does not count'
    return { names, copies: await copiesOf(probe, copy) }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS'))
      throw error
    return undefined
  } finally {
    await Promise.all([probe, copy].map((file) => rm(file, { force: true })))
  }
}

async function copiesOf(probe: string, copy: string): Promise<FileSystemTraits['copies']> {
  try {
    await copyFile(probe, copy, constants.COPYFILE_FICLONE_FORCE)
    return 'shared'
  } catch (error) {
    if (!isSystemError(error, 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'ENOSYS', 'EINVAL', 'ENOTTY', 'EPERM'))
      throw error
    return 'whole'
  }
}
