import { spawn } from 'node:child_process'
import { stopReason } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'

const OUTPUT_LIMIT = 2_000

export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs one of the system's programs for files (`rm`, `du`), which do in a child what would stall the event loop here.
 * Of what it says the first 2,000 characters are kept.
 *
 * @returns undefined where there is no such program, or no room for another process just now.
 * @throws the signal's `stopReason`, when it is aborted; the program is then stopped.
 */
export async function runFileProgram(
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<ProgramResult | undefined> {
  try {
    return await run(program, args, signal)
  } catch (error) {
    if (signal?.aborted) throw stopReason(signal)
    if (!isSystemError(error, 'ENOENT', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM')) throw error
    return undefined
  }
}

function run(program: string, args: readonly string[], signal?: AbortSignal): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
    const child = spawn(program, [...args], { cwd: '/', env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    let failure: unknown
    child.on('error', (error) => {
      failure = error
    })
    for (const pipe of ['stdout', 'stderr'] as const) {
      // Without a free file handle there is no pipe either, whatever the type says.
      child[pipe]?.setEncoding('utf8').on('data', (text: string) => {
        said[pipe] = (said[pipe] + text).slice(0, OUTPUT_LIMIT)
      })
    }
    child.on('close', (code) => {
      if (failure === undefined) resolve({ code, ...said })
      else reject(failure)
    })
  })
}
