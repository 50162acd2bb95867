import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { stopReason } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'

const OUTPUT_LIMIT = 2_000

export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * `its own`: it keeps this process from ending no longer than somebody else does, it goes on when this process has
   * ended, and a Ctrl-C of the terminal does not reach it. Default `with us`.
   */
  readonly life?: 'with us' | 'its own' | undefined
  /** How much is kept of what it says, in characters; default 2,000. */
  readonly outputLimit?: number | undefined
}

/**
 * Runs one of the system's programs for files (`rm`, `du`), which do in a child what would stall the event loop here.
 * Of what it says no more than the beginning is kept.
 *
 * @returns undefined where there is no such program, or no room for another process just now.
 * @throws the signal's `stopReason`, when it is aborted; the program is then stopped.
 */
export async function runFileProgram(
  program: string,
  args: readonly string[],
  { signal, life = 'with us', outputLimit = OUTPUT_LIMIT }: ProgramOptions = {},
): Promise<ProgramResult | undefined> {
  try {
    return await run(program, args, { signal, life, outputLimit })
  } catch (error) {
    if (signal?.aborted) throw stopReason(signal)
    if (!isSystemError(error, 'ENOENT', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM')) throw error
    return undefined
  }
}

function run(program: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = start(program, args, options)
    const said = { stdout: '', stderr: '' }
    let failure: unknown
    child.on('error', (error) => {
      failure = error
    })
    for (const pipe of ['stdout', 'stderr'] as const) {
      // Without a free file handle there is no pipe either, whatever the type says.
      child[pipe]?.setEncoding('utf8').on('data', (text: string) => {
        said[pipe] = (said[pipe] + text).slice(0, options.outputLimit)
      })
    }
    child.on('close', (code) => {
      if (failure === undefined) resolve({ code, ...said })
      else reject(failure)
    })
  })
}

function start(
  program: string,
  args: readonly string[],
  { signal, life }: ProgramOptions,
): ChildProcessByStdio<null, Readable, Readable> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
  const detached = life === 'its own'
  const child = spawn(program, [...args], {
    ...{ cwd: '/', env, signal, detached },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (detached) child.unref()
  if (detached) for (const pipe of [child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref()
  return child
}
