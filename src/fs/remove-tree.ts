import { spawn } from 'node:child_process'
import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stopReason } from '../errors/stop-reason.js'
import { isSystemError, systemErrorCode } from '../errors/system-error.js'

const STDERR_LIMIT = 2_000

/**
 * Removes as much as it can and resolves to the failure, if there was one.
 *
 * A child does it, because Node deletes large trees slowly and stalls the event loop meanwhile.
 */
export async function removeRecursively(path: string, signal?: AbortSignal): Promise<unknown> {
  try {
    const stderr = await runRm(path, signal)
    return stderr === '' ? undefined : new Error(stderr)
  } catch (error) {
    if (signal?.aborted) throw stopReason(signal)
    // There is no rm, or no room for another process just now.
    if (!isSystemError(error, 'ENOENT', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM')) throw error
    return removeInProcess(path)
  }
}

function runRm(path: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
    const child = spawn('rm', ['-rf', '--', path], {
      cwd: '/',
      env,
      signal,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    let failure: unknown
    child.on('error', (error) => {
      failure = error
    })
    // Without a free file handle there is no pipe either, whatever the type says.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, STDERR_LIMIT)
    })
    child.on('close', (code) => {
      if (failure === undefined) resolve(code === 0 ? '' : stderr || `rm ended with ${code}`)
      else reject(failure)
    })
  })
}

async function removeInProcess(path: string): Promise<unknown> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    return undefined
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return error
  }
}

/** Gives the owner back the right to change a directory; false, and nothing done, for anything else. */
export async function makeWritable(path: string): Promise<boolean> {
  const found = await lstat(path)
  if (found.isDirectory()) await chmod(path, (found.mode & 0o777) | 0o700)
  return found.isDirectory()
}

/** The same for every directory of a tree. */
export async function makeTreeWritable(path: string): Promise<void> {
  try {
    if (!(await makeWritable(path))) return
    for (const name of await readdir(path)) await makeTreeWritable(join(path, name))
  } catch (error) {
    // What cannot be changed shows in the deletion that follows.
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS')) throw error
  }
}
