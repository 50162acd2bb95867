import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Recording } from './terminal-picture.js'

const run = promisify(execFile)

export interface RecordOptions {
  /** What the picture says was typed. */
  readonly shown: string
  /** What a shell runs. */
  readonly command: string
  readonly columns: number
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * Runs a command in a pseudo-terminal, as a person would, and answers all that it wrote there. The pseudo-terminal is that
 * of `script`, which every Linux has (util-linux).
 */
export async function record(options: RecordOptions): Promise<Recording> {
  const { shown, command, columns, cwd, environment = {} } = options
  const { NO_COLOR: _, CI: __, ...inherited } = process.env
  const env = { ...inherited, TERM: 'xterm-256color', ...environment }
  const sized = `stty cols ${columns} rows 50 && ${command}`
  const { stdout } = await run('script', ['-qefc', sized, '/dev/null'], { cwd, env, maxBuffer: 2 ** 24 })
  return { command: shown, output: stdout }
}
