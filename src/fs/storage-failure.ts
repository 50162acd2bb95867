import { isSystemError, systemErrorCode } from '../errors/system-error.js'
import { GitError, InputError } from '../errors/workspace-error.js'
import { asDiskFull } from './atomic-write.js'

/**
 * The typed error for what the system refused below a root: DISK_FULL without room, OPTIONS_INVALID without
 * permission and for a path that is longer than the file system takes, and GIT_FAILED without a free file handle, as
 * for a git that cannot be started for want of one. Each names the path. Any other value is returned as it is.
 */
export function asStorageFailure(error: unknown, root: string): unknown {
  const path = pathOf(error) ?? root
  const data = { path, reason: systemErrorCode(error) ?? 'unknown' }
  if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS')) {
    return new InputError('OPTIONS_INVALID', `no permission to use ${path} (${data.reason})`, {
      data: { field: 'root', ...data },
      hint: 'Let the user who runs this own everything below the root, or set another root.',
      cause: error,
    })
  }
  if (isSystemError(error, 'ENOTDIR')) {
    return new InputError('OPTIONS_INVALID', `a part of the path is no folder: ${path}`, {
      data: { field: 'root', ...data },
      hint: 'Set a root that is a folder, or can be made one.',
      cause: error,
    })
  }
  if (isSystemError(error, 'ENAMETOOLONG')) {
    return new InputError('OPTIONS_INVALID', `a path is longer than the file system takes: ${path}`, {
      data: { field: 'root', ...data },
      hint: 'Use a root with a shorter path, and shorter ids and branch names.',
      cause: error,
    })
  }
  if (isSystemError(error, 'EMFILE', 'ENFILE')) {
    return new GitError('GIT_FAILED', `no file handle is left for ${path} (${data.reason})`, {
      data,
      hint: 'Raise the limit of open files (`ulimit -n`), or lower maxConcurrentCheckouts.',
      retryable: true,
      cause: error,
    })
  }
  return asDiskFull(error, path)
}

/** What a system call was about; of a rename or a copy the new name, which is what could not be made. */
function pathOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('dest' in error && typeof error.dest === 'string') return error.dest
  return 'path' in error && typeof error.path === 'string' ? error.path : undefined
}
