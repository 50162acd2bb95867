import { open } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'

/** Both headers are a signature, four bytes about the version, and a count. */
const HEADER_BYTES = 12

/**
 * The number in the header of an index (its entries, gitformat-index(5)) or of a multi-pack-index (the packs that it
 * covers, gitformat-pack(5)); 0 where there is none, or not even a whole header.
 */
export async function headerCount(path: string): Promise<number> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
      return bytesRead === HEADER_BYTES ? buffer.readUInt32BE(8) : 0
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0
    throw error
  }
}
