import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSystemError, systemErrorCode } from '../../errors/system-error.js'
import type { DoctorRemedy } from '../../model/doctor-report.js'
import { type Diagnosis, problem } from './finding.js'

/** Whether this user may do with a folder what the manager does; one that is not there yet is no problem. */
export async function whetherWritable(path: string): Promise<Diagnosis[]> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return []
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) throw error
    return [await refusedAt(path, `${systemErrorCode(error)}`)]
  }
}

/** What stands in the way is the folder itself, or one above it that nobody may look through. */
export async function refusedAt(path: string, code: string): Promise<Diagnosis> {
  const { obstacle, isFolder, uid } = await obstacleOf(path)
  const subject = { check: 'permissions', path: obstacle } as const
  if (!isFolder) return problem(subject, `what stands there is no folder: ${obstacle}`, 'move')
  const message = `this user may not write to ${path} (${code})`
  if (code === 'EROFS') return problem(subject, `${message}: its file system can only be read`, 'look')
  return problem(subject, message, ofOwner(uid))
}

/** Who owns a folder can open it; nobody else can. */
function ofOwner(uid: number): DoctorRemedy {
  const own = process.getuid?.()
  return own === undefined || own === uid ? 'permit' : 'own'
}

async function obstacleOf(obstacle: string): Promise<{ obstacle: string; isFolder: boolean; uid: number }> {
  try {
    const found = await stat(obstacle)
    return { obstacle, isFolder: found.isDirectory(), uid: found.uid }
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'ENOTDIR') || dirname(obstacle) === obstacle) throw error
    return obstacleOf(dirname(obstacle))
  }
}
