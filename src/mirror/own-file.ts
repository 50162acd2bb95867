import { hasErrorCode } from '../errors/workspace-error.js'
import { writeFileAtomic } from '../fs/atomic-write.js'
import { kindOf } from '../fs/presence.js'
import { readTextIfPresent } from '../fs/read-json.js'
import { deleteTree } from '../fs/trash.js'

/** Undefined for what is absent or no plain file, which git might wait for, or be led away by. */
export async function ownText(path: string): Promise<string | undefined> {
  try {
    return await readTextIfPresent(path)
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    return undefined
  }
}

/**
 * Writes a file of the manager's anew; what stands there and is none goes first, and no link in its place is followed.
 */
export async function replaceOwn(path: string, text: string, mode: number): Promise<void> {
  if (!['absent', 'file'].includes(await kindOf(path))) await deleteTree(path)
  await writeFileAtomic(path, text, { mode })
}
