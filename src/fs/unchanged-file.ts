import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * Whether a file is already what it would be after having been written: a plain file with one name, with these
 * permissions and this content. Everything else is `different`, also what cannot be read.
 */
export async function compareFile(
  path: string,
  data: string | Uint8Array,
  mode: number,
): Promise<'same' | 'different'> {
  try {
    // Opening a pipe would otherwise wait for its writer.
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      return await compareOpen(file, Buffer.from(data), mode)
    } finally {
      await file.close()
    }
  } catch (error) {
    const isUnreadable = isSystemError(
      error,
      'ENOENT',
      'ENOTDIR',
      'ELOOP',
      'EMLINK',
      'EACCES',
      'EISDIR',
      'ENXIO',
    )
    if (!isUnreadable) throw error
    return 'different'
  }
}

async function compareOpen(file: FileHandle, wanted: Buffer, mode: number): Promise<'same' | 'different'> {
  const found = await file.stat()
  const isLike = found.isFile() && found.nlink === 1 && (found.mode & 0o7777) === mode
  if (!isLike || found.size !== wanted.length) return 'different'
  const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted.length + 1), 0, wanted.length + 1, 0)
  return wanted.equals(buffer.subarray(0, bytesRead)) ? 'same' : 'different'
}
