import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { systemErrorCode } from '../errors/system-error.js'
import { atOnce } from './at-once.js'

const SMALL_BYTES = 64 * 1024

/**
 * The content of a small plain file. `otherwise` for whatever has to be asked for asynchronously, so that its kind, its
 * size or its failure can be told: what is larger, no file, a link, or may not be read.
 */
export function readAtOnce(path: string | Buffer): Buffer | 'absent' | 'otherwise' {
  const read = atOnce(() => readNow(path))
  return read === 'not now' ? 'otherwise' : read.answer
}

function readNow(path: string | Buffer): Buffer | 'absent' | 'otherwise' {
  const file = openNow(path)
  if (typeof file === 'string') return file
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() || stats.size > SMALL_BYTES) return 'otherwise'
    const bytes = Buffer.allocUnsafe(stats.size + 1)
    const length = readSync(file, bytes, 0, bytes.length, 0)
    return length === stats.size ? bytes.subarray(0, length) : 'otherwise'
  } finally {
    closeSync(file)
  }
}

function openNow(path: string | Buffer): number | 'absent' | 'otherwise' {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    // Opening a pipe would otherwise wait for its writer.
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    return code === 'ENOENT' ? 'absent' : 'otherwise'
  }
}
