import { constants } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { diskPath } from '../fs/byte-names.js'
import type { CheckoutWork } from './refresh-work.js'

/** git writes with as many workers as there are processors, one file each. */
const MAX_TORN = 1024
const MAX_BYTES = 1024 ** 3

/**
 * Whether all these files are the beginnings of what is to be there, as a git leaves them that is ended while it writes.
 * Such a file holds nothing that the new commit does not have.
 */
export async function tornFiles(
  { git, view }: CheckoutWork,
  indexFile: string,
  paths: readonly string[],
): Promise<'all' | 'not all'> {
  if (paths.length === 0) return 'all'
  if (paths.length > MAX_TORN) return 'not all'
  const whole = join(view.gitDir, 'whole')
  await mkdir(whole)
  const input = paths.map((path) => `${path}\0`).join('')
  await git.run({
    args: ['checkout-index', `--prefix=${whole}/`, '-z', '--stdin'],
    ...view,
    indexFile,
    input,
  })
  for (const path of paths)
    if (!(await isBeginning(join(view.workTree, path), join(whole, path)))) return 'not all'
  return 'all'
}

async function isBeginning(path: string, ofPath: string): Promise<boolean> {
  const [found, whole] = [await contentOf(path), await contentOf(ofPath)]
  if (found === undefined || whole === undefined) return false
  return found.length < whole.length && whole.subarray(0, found.length).equals(found)
}

/** Undefined for what is no plain file that can be read. */
async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(diskPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = await file.stat()
      return stats.isFile() && stats.size <= MAX_BYTES ? await file.readFile() : undefined
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM', 'ENXIO')) return undefined
    throw error
  }
}
