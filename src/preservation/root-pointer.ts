import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { kindOf } from '../fs/presence.js'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import { readPlain } from '../git/plain-files.js'

const MAX_POINTER_BYTES = 4096

/**
 * What stands in the place of a linked worktree's `.git`, in words; undefined where it is the file that names its
 * registration, or nothing. Anything else may be a repository with commits that its own repository has never seen.
 */
export async function problemOfRootPointer(
  { gitDir }: AgentGitDir,
  workDir: string,
): Promise<string | undefined> {
  const path = join(workDir, '.git')
  const kind = await kindOf(path)
  if (kind === 'absent') return undefined
  if (kind !== 'file') return `the checkout's .git is not the file that was made, but something else: ${path}`
  const [, target] = /^gitdir: ([^\n]+)\n?$/.exec((await readPlain(path, MAX_POINTER_BYTES)) ?? '') ?? []
  if (target !== undefined && (await isSamePlace(resolve(workDir, target), gitDir))) return undefined
  return `the checkout's .git names another repository than it was made with: ${path}`
}

async function isSamePlace(one: string, other: string): Promise<boolean> {
  return one === other || (await realOf(one)) === (await realOf(other))
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return path
    throw error
  }
}
