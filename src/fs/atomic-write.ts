import { constants } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import fse from 'fs-extra'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { temporaryName } from './temporary-name.js'

type Outlives = 'power cut' | 'power cut, old or new' | 'process'

export interface AtomicWriteOptions {
  /** Permissions of the new file, whatever the umask; default 0600. */
  readonly mode?: number
  /**
   * What the new content outlives, by default `power cut`. With `process` it is not flushed: readers see the old or the
   * new content whoever is killed, but after a power cut the file may be the old one, empty, or absent. With `power cut,
   * old or new` the content is flushed before it has its name: after a power cut the file is one of both, and whole.
   */
  readonly outlives?: Outlives
}

/**
 * Writes a whole file: a reader sees the old content or the new, never a part, and so does whoever comes after a
 * power cut, unless `outlives` says otherwise.
 *
 * The folder must exist. A link at `path` is replaced, not followed. On failure nothing is left behind.
 *
 * @throws IntegrityError DISK_FULL when the disk or the quota is full.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<void> {
  // Cut short, so that a file with a name of the greatest length can still be written.
  const temporary = join(dirname(path), temporaryName(basename(path).slice(0, 50)))
  const { mode = 0o600, outlives = 'power cut' } = options
  try {
    await writeNewFile(temporary, data, { mode, outlives })
    await fse.rename(temporary, path)
  } catch (error) {
    await removeIfPresent(temporary)
    throw asDiskFull(error, path)
  }
  if (outlives === 'power cut') await syncDirectory(dirname(path))
}

/**
 * Writes a value as indented JSON with a final newline, like `writeFileAtomic`, with mode 0600.
 *
 * @throws TypeError when the value has no JSON form.
 */
export async function writeJsonAtomic(
  path: string,
  value: unknown,
  options: Pick<AtomicWriteOptions, 'outlives'> = {},
): Promise<void> {
  const text: string | undefined = JSON.stringify(value, null, 2)
  if (text === undefined) throw new TypeError(`no JSON form: ${typeof value}`)
  await writeFileAtomic(path, `${text}\n`, options)
}

/** The typed DISK_FULL error for a full disk or quota (ENOSPC, EDQUOT); any other value is returned as it is. */
export function asDiskFull(error: unknown, path: string): unknown {
  if (!isSystemError(error, 'ENOSPC', 'EDQUOT')) return error
  return new IntegrityError('DISK_FULL', `no space left to write ${path}`, { data: { path }, cause: error })
}

async function writeNewFile(
  path: string,
  data: string | Uint8Array,
  { mode, outlives }: Required<AtomicWriteOptions>,
): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = await fse.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  try {
    await fse.writeFile(file, data)
    await fse.fchmod(file, mode)
    if (outlives !== 'process') await fse.fsync(file)
  } finally {
    await fse.close(file)
  }
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await fse.unlink(path)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows has no directory handles to flush.
  if (process.platform === 'win32') return
  const handle = await fse.open(directory, constants.O_RDONLY)
  try {
    await fse.fsync(handle)
  } catch (error) {
    // Some network file systems cannot flush a directory, and need not.
    if (!isSystemError(error, 'EINVAL', 'ENOTSUP')) throw error
  } finally {
    await fse.close(handle)
  }
}
