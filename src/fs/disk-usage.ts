import { spawn } from 'node:child_process'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stopReason } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'

const BLOCK_BYTES = 512

/**
 * The bytes of disk blocks that a file or a tree takes; hard links in it count once, links are not followed. What
 * vanishes or cannot be read meanwhile counts nothing.
 *
 * A child adds up, since Node needs a second for what `du` does in a tenth.
 */
export async function diskUsage(path: string, signal?: AbortSignal): Promise<number> {
  try {
    return await runDu(path, signal)
  } catch (error) {
    if (signal?.aborted) throw stopReason(signal)
    // There is no du, or no room for another process just now.
    if (!isSystemError(error, 'ENOENT', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM')) throw error
    return addUp(path, new Set())
  }
}

function runDu(path: string, signal?: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
    // du(1): -s the sum alone, -k in units of 1,024 bytes.
    const child = spawn('du', ['-sk', '--', path], {
      cwd: '/',
      env,
      signal,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    let failure: unknown
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', (error) => {
      failure = error
    })
    child.on('close', () => {
      // It ends with 1 where it could not read a folder, and still tells the rest.
      if (failure === undefined) resolve(Number.parseInt(output, 10) * 1024 || 0)
      else reject(failure)
    })
  })
}

async function addUp(path: string, seen: Set<string>): Promise<number> {
  try {
    const found = await lstat(path)
    const inode = `${found.dev}:${found.ino}`
    if (seen.has(inode)) return 0
    seen.add(inode)
    let bytes = found.blocks * BLOCK_BYTES
    if (!found.isDirectory()) return bytes
    for (const name of await readdir(path)) bytes += await addUp(join(path, name), seen)
    return bytes
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) throw error
    return 0
  }
}
