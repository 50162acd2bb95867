import { statSync } from 'node:fs'
import { isSystemError, systemErrorCode } from '../errors/system-error.js'
import { GitError } from '../errors/workspace-error.js'

/** Turns the reason why a process could not be started into a typed error. */
export function spawnFailure(
  error: unknown,
  place: { readonly name: string; readonly cwd?: string | undefined },
): GitError {
  const data = { command: place.name, reason: systemErrorCode(error) ?? 'unknown' }
  if (place.cwd !== undefined && !isDirectory(place.cwd)) {
    return new GitError('GIT_FAILED', 'the directory git should run in does not exist', {
      data: { ...data, cwd: place.cwd },
      hint: 'Check the directory named in the error data.',
      cause: error,
    })
  }
  if (isSystemError(error, 'ENOENT', 'EACCES', 'ENOTDIR')) {
    return new GitError('GIT_MISSING', 'git was not found on PATH', { data, cause: error })
  }
  return new GitError('GIT_FAILED', 'git could not be started', {
    data,
    hint: 'The machine is short of processes, file handles or memory, or the arguments are too long.',
    retryable: isSystemError(error, 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'),
    cause: error,
  })
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
