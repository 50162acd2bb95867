import { vi } from 'vitest'
import { run } from '../../src/cli/run.js'

export interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `git-task` in this process, as in a pipe, and answers what it printed: a fortieth of what starting it takes. */
export function gitTask(...args: readonly string[]): Promise<Answer> {
  return gitTaskOn({}, ...args)
}

/** The same with a standard output that says these things of itself, as a terminal does. */
export async function gitTaskOn(
  terminal: { readonly isTTY?: true; readonly columns?: number },
  ...args: readonly string[]
): Promise<Answer> {
  const output = { stdout: '', stderr: '' }
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text) => take('stdout', `${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((text) => take('stderr', `${text}\n`)),
    vi.spyOn(process.stdout, 'write').mockImplementation(writer('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(writer('stderr')),
  ]
  const before = process.exitCode
  const { isTTY, columns } = process.stdout
  Object.assign(process.stdout, { isTTY: terminal.isTTY, columns: terminal.columns })
  process.exitCode = undefined
  try {
    return { code: await run(['node', 'git-task', ...args]), ...output }
  } finally {
    process.exitCode = before
    Object.assign(process.stdout, { isTTY, columns })
    for (const spy of spies) spy.mockRestore()
  }

  function take(stream: 'stdout' | 'stderr', text: string): void {
    output[stream] += text
  }

  function writer(stream: 'stdout' | 'stderr'): typeof process.stdout.write {
    return (text: string | Uint8Array, encoding?: unknown, then?: (error?: Error) => void) => {
      take(stream, text.toString())
      const done = typeof encoding === 'function' ? encoding : then
      done?.()
      return true
    }
  }
}
