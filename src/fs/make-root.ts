import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSystemError, systemErrorCode } from '../errors/system-error.js'
import { InputError } from '../errors/workspace-error.js'
import { isPresent } from './presence.js'

/**
 * Makes the root and the folders above it, one at a time: `mkdir` with `recursive` never ends below some virtual
 * file systems (seen with Node 20 below /proc). Nobody else may write to them, whatever the umask.
 *
 * @throws InputError OPTIONS_INVALID where it cannot be made.
 */
export async function makeRoot(root: string): Promise<void> {
  if (await isPresent(root)) return
  if (dirname(root) !== root) await makeRoot(dirname(root))
  try {
    await mkdir(root, { mode: 0o755 })
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return
    if (!isSystemError(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENAMETOOLONG')) throw error
    throw new InputError('OPTIONS_INVALID', `the root cannot be made: ${systemErrorCode(error)}`, {
      data: { field: 'root', path: root },
      hint: 'Set root to a folder that can be written.',
      cause: error,
    })
  }
}
