import { appendFile, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { readBranchNames } from '../git/agent-git-dir.js'

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
 * Creates a branch as git itself does, without a process: its lock is taken, nothing may be in its way, and the
 * rename of the lock makes it (gitrepository-layout(5), and lockfile.h in git's source). `git` sees it or not at all.
 *
 * @returns `unsure`, with nothing done, where anything is in the way: git itself then says what, or waits for it.
 */
export async function createBranchFile(wanted: NewBranch): Promise<'created' | 'unsure'> {
  const file = join(wanted.gitDir, 'refs/heads', wanted.branch)
  const lock = `${file}.lock`
  if (!(await takeLock(lock, `${wanted.commit}\n`))) return 'unsure'
  try {
    if (await isInTheWay(wanted, file)) return await giveUp(lock)
    await rename(lock, file)
  } catch (error) {
    await rm(lock, { force: true })
    // Somebody has taken the lock for one that a killed process left.
    if (isSystemError(error, 'ENOENT')) return 'unsure'
    throw error
  }
  await writeReflog(wanted)
  return 'created'
}

async function takeLock(lock: string, content: string): Promise<boolean> {
  try {
    await mkdir(dirname(lock), { recursive: true })
    const file = await open(lock, 'wx', 0o666)
    try {
      await file.writeFile(content)
      await file.sync()
    } catch (error) {
      await rm(lock, { force: true })
      throw error
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    // Locked by somebody, a branch where a folder is needed, or a folder that git just took away for being empty.
    if (isSystemError(error, 'EEXIST', 'ENOTDIR', 'ENOENT')) return false
    throw error
  }
}

async function giveUp(lock: string): Promise<'unsure'> {
  await rm(lock, { force: true })
  return 'unsure'
}

/** Branches of this name, those that need it as a folder, and those that it needs as one. */
async function isInTheWay({ gitDir, branch }: NewBranch, file: string): Promise<boolean> {
  if (await isPresent(file)) return true
  const names = await readBranchNames({ gitDir, commonDir: gitDir })
  return names.some(
    (name) => name === branch || name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`),
  )
}

async function isPresent(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
}

/** One line of a reflog, as git-reflog(1) shows it. A folder that an older branch left in its place keeps it out. */
async function writeReflog({ gitDir, branch, commit, reason, now }: NewBranch): Promise<void> {
  const log = join(gitDir, 'logs/refs/heads', branch)
  const seconds = Math.floor(now.getTime() / 1000)
  const who = `git-task-isolation <git-task-isolation@localhost> ${seconds} +0000`
  try {
    await mkdir(dirname(log), { recursive: true })
    await appendFile(log, `${'0'.repeat(commit.length)} ${commit} ${who}\t${reason}\n`)
  } catch (error) {
    if (!isSystemError(error, 'EISDIR', 'ENOTDIR', 'EEXIST')) throw error
  }
}
