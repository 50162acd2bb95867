import { lstatSync, unlinkSync } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { temporaryName } from '../fs/temporary-name.js'

/** A branch in a repository of the manager's own, whose refs are files. */
export interface BranchPlace {
  readonly gitDir: string
  readonly branch: string
}

/**
 * Runs an action under the lock of a branch, as git takes it (lockfile.h in git's source), which keeps every git from
 * the branch. The lock is a second name of a file that has the content and tells by its own name whose it is, so that
 * nobody takes it for one that a killed process left (`nodeMakerOf`); the action is handed that file.
 *
 * @returns `unsure`, with nothing done, where the lock is taken or cannot be made like this.
 */
export async function withBranchLock<T>(
  place: BranchPlace,
  content: string,
  action: (own: string) => Promise<T>,
): Promise<T | 'unsure'> {
  const own = join(place.gitDir, temporaryName('branch'))
  const lock = `${branchFile(place)}.lock`
  try {
    await makeOwn(place, own, content)
    if (!(await linked(own, lock))) return 'unsure'
    try {
      return await action(own)
    } finally {
      unlinkSame(own, lock)
    }
  } finally {
    await rm(own, { force: true })
  }
}

export function branchFile({ gitDir, branch }: BranchPlace): string {
  return join(gitDir, 'refs/heads', branch)
}

/** Gives a file a second name that nothing has yet, in one step; false where that name is taken, or cannot be given. */
export async function linked(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name)
    return true
  } catch (error) {
    // Taken, a branch where a folder is needed, or a folder that git just took away for being empty.
    if (isSystemError(error, 'EEXIST', 'ENOTDIR', 'ENOENT')) return false
    // Not every file system has second names; git needs none.
    if (isSystemError(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV')) return false
    throw error
  }
}

/** Takes the second name of a file away, unless another file has it by now: somebody may have stolen a lock. */
export function unlinkSame(file: string, name: string): void {
  try {
    if (inodeOf(file) === inodeOf(name)) unlinkSync(name)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}

function inodeOf(path: string): string {
  const { dev, ino } = lstatSync(path, { bigint: true })
  return `${dev}:${ino}`
}

/** A lock without content may be a further name of the branch's own file as well: a full disk has room for that. */
async function makeOwn(place: BranchPlace, own: string, content: string): Promise<void> {
  try {
    await writeOwn(own, content)
  } catch (error) {
    if (content !== '' || !isSystemError(error, 'ENOSPC', 'EDQUOT')) throw error
    if (!(await linked(branchFile(place), own))) throw error
  }
}

async function writeOwn(own: string, content: string): Promise<void> {
  const file = await open(own, 'wx', 0o666)
  try {
    if (content === '') return
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
