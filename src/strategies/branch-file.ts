import { appendFile, lstat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { makeDirectories } from '../fs/make-directories.js'
import { readBranchNames } from '../git/agent-git-dir.js'
import { branchFile, linked, unlinkSame, withBranchLock } from './branch-lock.js'

export interface NewBranch {
  /** A repository of the manager's own, whose refs are files. */
  readonly gitDir: string
  readonly branch: string
  readonly commit: string
  /** What its reflog says; one line. */
  readonly reason: string
  readonly now: Date
}

/**
 * Creates a branch as git itself does, without a process: its lock is taken, nothing may be in its way, and it appears
 * in one step and only where there is none (gitrepository-layout(5)). `git` sees it or not at all. Where its reflog
 * cannot be written it is taken back, for which no room on the disk is needed.
 *
 * @returns `unsure`, with nothing done, where anything is in the way: git itself then says what, or waits for it.
 */
export async function createBranchFile(wanted: NewBranch): Promise<'created' | 'unsure'> {
  const file = branchFile(wanted)
  if (!(await makeFolder(dirname(file)))) return 'unsure'
  return withBranchLock(wanted, `${wanted.commit}\n`, async (own) => {
    if ((await isInTheWay(wanted, file)) || !(await linked(own, file))) return 'unsure'
    try {
      await writeReflog(wanted)
      return 'created'
    } catch (error) {
      unlinkSame(own, file)
      throw error
    }
  })
}

async function makeFolder(folder: string): Promise<boolean> {
  try {
    await makeDirectories(folder)
    return true
  } catch (error) {
    // A branch where a folder is needed, or folders that git just took away for being empty.
    if (isSystemError(error, 'EEXIST', 'ENOTDIR', 'ENOENT')) return false
    throw error
  }
}

/** Branches of this name, those that need it as a folder, and those that it needs as one. */
async function isInTheWay({ gitDir, branch }: NewBranch, file: string): Promise<boolean> {
  if ((await sizeOf(file)) !== undefined) return true
  const names = await readBranchNames({ gitDir, commonDir: gitDir })
  return names.some(
    (name) => name === branch || name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`),
  )
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).size
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/** One line of a reflog, as git-reflog(1) shows it. A folder that an older branch left in its place keeps it out. */
async function writeReflog({ gitDir, branch, commit, reason, now }: NewBranch): Promise<void> {
  const log = join(gitDir, 'logs/refs/heads', branch)
  const seconds = Math.floor(now.getTime() / 1000)
  const who = `git-task-isolation <git-task-isolation@localhost> ${seconds} +0000`
  try {
    await makeDirectories(dirname(log))
    await appendWhole(log, `${'0'.repeat(commit.length)} ${commit} ${who}\t${reason}\n`)
  } catch (error) {
    if (!isSystemError(error, 'EISDIR', 'ENOTDIR', 'EEXIST')) throw error
  }
}

/** A full disk may take the beginning of a line only, which nobody could read. */
async function appendWhole(file: string, line: string): Promise<void> {
  const before = (await sizeOf(file)) ?? 0
  try {
    await appendFile(file, line)
  } catch (error) {
    if (((await sizeOf(file)) ?? 0) > before) await truncate(file, before)
    throw error
  }
}
