import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { namesIn } from '../fs/presence.js'
import { readSymbolicRef } from './agent-git-dir.js'

/** One linked worktree as the repository has it registered. */
export interface WorktreeEntry {
  readonly name: string
  /** Its folder; it need not exist. */
  readonly workDir: string
  /** The branch that is checked out, also one without a commit; undefined where HEAD is detached. */
  readonly branch: string | undefined
}

const MAX_BYTES = 4096

/**
 * The linked worktrees of a repository, as `git worktree list` would tell, read as plain files
 * (gitrepository-layout(5)): no process, and no failure where another command has an entry half made. Such an
 * entry is left out.
 */
export async function readWorktrees(commonDir: string): Promise<WorktreeEntry[]> {
  const folder = join(commonDir, 'worktrees')
  const entries = await Promise.all((await namesIn(folder)).map((name) => readEntry(folder, name)))
  return entries.filter((entry) => entry !== undefined)
}

async function readEntry(folder: string, name: string): Promise<WorktreeEntry | undefined> {
  const [gitFile, head] = await Promise.all([
    readLine(join(folder, name, 'gitdir')),
    readLine(join(folder, name, 'HEAD')),
  ])
  if (gitFile === undefined || head === undefined) return undefined
  return { name, workDir: dirname(gitFile), branch: /^ref: refs\/heads\/(.+)$/.exec(head)?.[1] }
}

/** The branch that the repository's own checkout is on; undefined where it has none, or a detached HEAD. */
export async function readMainBranch(commonDir: string): Promise<string | undefined> {
  return /^refs\/heads\/(.+)$/.exec((await readSymbolicRef(commonDir, 'HEAD')) ?? '')?.[1]
}

/** The content of a small plain file; agents may have put anything there. */
async function readLine(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0)
      return buffer.toString('utf8', 0, bytesRead).trimEnd()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO')) return undefined
    throw error
  }
}
