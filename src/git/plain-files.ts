import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { diskPath, textOfBytes } from '../fs/byte-names.js'
import { entriesIn, kindOf } from '../fs/presence.js'
import { readAtOnce } from '../fs/read-at-once.js'

/** So many files below one folder of a git dir are no repository that a person works with. */
const MAX_FILES = 500_000

/**
 * The text of a plain file, as of `textOfBytes`; undefined where there is none. Links are not followed, nothing is
 * waited for.
 *
 * @throws IntegrityError TAMPERED for a file that is larger than `maxBytes`.
 */
export async function readPlain(path: string, maxBytes: number): Promise<string | undefined> {
  const bytes = await readPlainBytes(path, maxBytes)
  return bytes && textOfBytes(bytes)
}

/** The same for what is no text. */
export async function readPlainBytes(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const small = readAtOnce(diskPath(path))
  if (small === 'absent') return undefined
  if (small !== 'otherwise' && small.length <= maxBytes) return small
  const handle = await openPlain(path)
  if (handle === undefined) return undefined
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) return undefined
    if (stats.size > maxBytes) throw tampered('a file of the repository is odd', path)
    return await readWhole(handle, stats.size)
  } finally {
    await handle.close()
  }
}

/** Mostly by one read; what has become longer since it was measured is read to its end. */
async function readWhole(handle: FileHandle, size: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size + 1), 0, size + 1, 0)
  return bytesRead === size ? buffer.subarray(0, size) : handle.readFile()
}

/**
 * Undefined for what is absent (it may vanish meanwhile, as refs do when they are packed), a link or a socket; what
 * else is no file is told once it is open.
 */
export async function openPlain(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(diskPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK', 'ENXIO')) return undefined
    // A folder that may not be read is no file all the same.
    if (isSystemError(error, 'EACCES', 'EPERM') && (await kindOf(path)) !== 'file') return undefined
    throw error
  }
}

/**
 * The paths of all files below a folder of a git dir, relative to it, with `/`; none where there is no folder.
 *
 * @throws IntegrityError TAMPERED for a link or anything else that is neither a file nor a folder.
 */
export async function plainFilesBelow(folder: string): Promise<string[]> {
  if ((await kindOf(folder)) === 'other') throw tampered('a folder of the repository is a link', folder)
  const found: string[] = []
  const folders = ['']
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const entry of await entriesIn(join(folder, below))) {
      const path = `${below}${entry.name}`
      if (entry.isDirectory()) folders.push(`${path}/`)
      else if (entry.isFile()) found.push(path)
      else throw tampered('a part of the repository is no plain file', join(folder, path))
    }
    if (found.length > MAX_FILES) throw tampered('the repository has too many files to be read', folder)
  }
  return found
}

export function tampered(message: string, path: string): IntegrityError {
  return new IntegrityError('TAMPERED', `${message}: ${path}`, { data: { path } })
}
