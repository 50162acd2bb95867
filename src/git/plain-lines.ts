import { diskPath, textOfBytes } from '../fs/byte-names.js'
import { kindOf } from '../fs/presence.js'
import { readAtOnce } from '../fs/read-at-once.js'
import { openPlain, tampered } from './plain-files.js'

const PIECE_BYTES = 1 << 20
const LINE_END = 0x0a

/**
 * The lines of a plain file as of `textOfBytes`, in pieces of about a megabyte, so that a large file is never in memory
 * as a whole, and others get their turn between two pieces. None where there is no file; links are not followed.
 *
 * @throws IntegrityError TAMPERED for a file that is larger than `maxBytes`.
 */
export async function* plainLines(path: string, maxBytes: number): AsyncGenerator<readonly string[]> {
  const small = readAtOnce(diskPath(path))
  if (small === 'absent') return
  if (small !== 'otherwise' && small.length <= maxBytes) {
    yield textOfBytes(small).split('\n')
    return
  }
  if ((await kindOf(path)) !== 'file') return
  const file = await openPlain(path)
  if (file === undefined) return
  try {
    const stats = await file.stat()
    if (!stats.isFile() || stats.size > maxBytes) throw tampered('a file of the repository is odd', path)
    let rest: Buffer[] = []
    for (let at = 0; ; ) {
      const length = Math.min(PIECE_BYTES, Math.max(stats.size - at, 0) + 1)
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at)
      at += bytesRead
      if (bytesRead === 0) break
      // It grows while it is read.
      if (at > maxBytes) throw tampered('a file of the repository is odd', path)
      const piece = buffer.subarray(0, bytesRead)
      const end = piece.lastIndexOf(LINE_END)
      rest.push(end < 0 ? piece : piece.subarray(0, end))
      if (end < 0) continue
      yield textOfBytes(Buffer.concat(rest)).split('\n')
      rest = [piece.subarray(end + 1)]
    }
    yield textOfBytes(Buffer.concat(rest)).split('\n')
  } finally {
    await file.close()
  }
}
