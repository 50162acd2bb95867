import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { makeDirectories } from '../fs/make-directories.js'
import { isPresent } from '../fs/presence.js'
import type { Git } from '../git/git.js'
import type { Tree } from './strategy.js'
import { type HeadRequest, writeHead } from './worktree-head.js'

/** Why an entry of ours is locked: `git worktree list` shows it. */
export const LOCK_REASON = 'held by git-task-isolation'

const STAGING = 'git-task-staging-'
const HASH_LENGTH = 10

export interface Registration extends Omit<HeadRequest, 'entry'> {
  /** Below `worktrees/`. */
  readonly name: string
  readonly workDir: string
}

/** The registration of a folder: readable, unique, and the same whenever it is asked for. */
export function registrationName(workDir: string): string {
  const hash = createHash('sha256').update(workDir).digest('hex').slice(0, HASH_LENGTH)
  return `${basename(dirname(workDir))}-${hash}`
}

/**
 * Whether a name is the registration of a task in the same folder of tasks, told by the hash in it: nobody else's name
 * ends like that.
 */
export function isRegistrationAmong(tasksDir: string, workDirName: string): (name: string) => boolean {
  return (name) => registrationName(join(tasksDir, name.slice(0, -HASH_LENGTH - 1), workDirName)) === name
}

/**
 * Registers a worktree the way gitrepository-layout(5) documents it: written aside, then renamed into place. Where refs
 * are not files one git writes HEAD, also aside.
 * The rename is atomic, so that no git command in the repository ever meets a half-made entry, which
 * `git worktree add` does not guarantee. The lock keeps `git worktree prune` away while the folder is absent.
 */
export async function register(git: Git, registration: Registration): Promise<void> {
  const { gitDir, name, workDir, head, writer, signal } = registration
  const staged = await freeStagingPath(gitDir, name)
  try {
    await mkdir(staged)
    await writeFile(join(staged, 'gitdir'), `${join(workDir, '.git')}\n`)
    await writeHead(git, { gitDir, entry: staged, head, writer, signal })
    await writeFile(join(staged, 'locked'), `${LOCK_REASON}\n`)
    await renameIntoPlace(staged, gitDir, name)
  } catch (error) {
    await rm(staged, { recursive: true, force: true })
    throw error
  }
}

/** Takes exactly this entry out, in one step; nothing happens where it is gone already. */
export async function unregister(tree: Tree): Promise<void> {
  if (tree.gitDir === undefined || !(await isPresent(tree.gitDir))) return
  const name = tree.registration ?? registrationName(tree.workDir)
  const staged = await freeStagingPath(tree.gitDir, name)
  try {
    await rename(registrationPath(tree.gitDir, name), staged)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
  await rm(staged, { recursive: true, force: true })
  await removeIfEmpty(join(tree.gitDir, 'worktrees'))
}

export function registrationPath(gitDir: string, name: string): string {
  return join(gitDir, 'worktrees', name)
}

/**
 * Where an entry stands while it is half made or half removed: beside `worktrees/`, where git never looks. Every
 * entry has a place of its own, which only the one verb at work on its session uses; what a killed one left goes.
 */
async function freeStagingPath(gitDir: string, name: string): Promise<string> {
  const staged = stagingPath(gitDir, name)
  await rm(staged, { recursive: true, force: true })
  return staged
}

export function stagingPath(gitDir: string, name: string): string {
  return join(gitDir, `${STAGING}${name}`)
}

export function isStagingPath(path: string): boolean {
  return basename(path).startsWith(STAGING)
}

/** The task's name on disk that a staged entry was made for. */
export function stagedSession(path: string): string {
  return basename(path).slice(STAGING.length, -'-'.length - HASH_LENGTH)
}

/** git removes `worktrees/` when its last entry goes, so that it may vanish between two lines. */
async function renameIntoPlace(staged: string, gitDir: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await makeDirectories(join(gitDir, 'worktrees'))
    try {
      return await rename(staged, registrationPath(gitDir, name))
    } catch (error) {
      if (attempt === 10 || !isSystemError(error, 'ENOENT')) throw error
    }
  }
}
