import { constants } from 'node:fs'
import fse from 'fs-extra'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { readAtOnce } from './read-at-once.js'

const LARGEST_BYTES = 8 * 1024 * 1024
/** Most records are smaller, so that one read takes all of one; buffers so small come out of Node's pool. */
const FIRST_BYTES = 4000

/**
 * The text of a regular file, or undefined when it is absent.
 *
 * @throws IntegrityError RECORD_CORRUPT for a link, anything that is no regular file, or more than 8 MiB.
 */
export async function readTextIfPresent(path: string): Promise<string | undefined> {
  const small = readAtOnce(path)
  if (small === 'otherwise') return readLater(path)
  return small === 'absent' ? undefined : small.toString('utf8')
}

async function readLater(path: string): Promise<string | undefined> {
  const file = await openIfPresent(path)
  if (file === undefined) return undefined
  try {
    const start = fse.read(file, Buffer.allocUnsafe(FIRST_BYTES), 0, FIRST_BYTES, 0)
    const [kind, first] = await Promise.allSettled([assertReadable(file, path), start])
    // What the thing is says more than why it cannot be read.
    if (kind.status === 'rejected') throw kind.reason
    if (first.status === 'rejected') throw first.reason
    const { bytesRead, buffer } = first.value
    return bytesRead < FIRST_BYTES ? buffer.toString('utf8', 0, bytesRead) : await fse.readFile(file, 'utf8')
  } finally {
    await fse.close(file)
  }
}

/**
 * The parsed content of a JSON file, or undefined when it is absent.
 *
 * @throws IntegrityError RECORD_CORRUPT as `readTextIfPresent` does, and when it is not JSON.
 */
export async function readJsonIfPresent(path: string): Promise<unknown> {
  const text = await readTextIfPresent(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw corrupt(path, 'is not JSON', error)
  }
}

async function openIfPresent(path: string): Promise<number | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    // Opening a pipe would otherwise wait for its writer.
    return await fse.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    if (isSystemError(error, 'ELOOP', 'EMLINK')) throw corrupt(path, 'is a link', error)
    if (isSystemError(error, 'ENXIO')) throw corrupt(path, 'is no regular file', error)
    throw error
  }
}

async function assertReadable(file: number, path: string): Promise<void> {
  const found = await fse.fstat(file)
  if (!found.isFile()) throw corrupt(path, 'is no regular file')
  if (found.size > LARGEST_BYTES) throw corrupt(path, `is larger than ${LARGEST_BYTES} bytes`)
}

function corrupt(path: string, what: string, cause?: unknown): IntegrityError {
  return new IntegrityError('RECORD_CORRUPT', `${path} ${what}`, { data: { path }, cause })
}
