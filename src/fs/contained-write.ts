import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { hasErrorCode, IntegrityError } from '../errors/workspace-error.js'
import { type AtomicWriteOptions, asDiskFull, writeFileAtomic } from './atomic-write.js'
import { resolveInside } from './contained-path.js'
import { inHeldFolder } from './held-folder.js'
import { compareFile } from './unchanged-file.js'

export interface ContainedWriteOptions extends AtomicWriteOptions {
  readonly mode: number
}

/**
 * Writes a file below a root, atomically, and makes its missing parent folders (mode 0700). One that has this content
 * already is left as it is.
 *
 * A symbolic or hard link at the path is replaced by the new file; what it pointed to is not touched.
 *
 * @throws InputError PATH_OUTSIDE_ROOT for a path that leaves the root.
 * @throws IntegrityError TAMPERED when a parent is a link, or a directory stands in the file's place.
 * @throws IntegrityError DISK_FULL when the disk or the quota is full.
 */
export async function writeFileInside(
  root: string,
  relativePath: string,
  data: string | Uint8Array,
  options: ContainedWriteOptions,
): Promise<void> {
  const path = resolveInside(root, relativePath)
  try {
    await inHeldFolder(root, dirname(path), async (folder) => {
      const file = join(folder, basename(path))
      if ((await compareFile(file, data, options.mode)) === 'different')
        await writeFileAtomic(file, data, options)
    })
  } catch (error) {
    if (hasErrorCode(error, 'DISK_FULL')) throw asDiskFull(error.cause, path)
    if (!isSystemError(error, 'EISDIR')) throw error
    throw new IntegrityError('TAMPERED', `expected a file, found a directory: ${path}`, {
      data: { path },
      cause: error,
    })
  }
}
