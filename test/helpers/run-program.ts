import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundledOnce } from './child-program.js'

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url))

export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Sees the child and what it has printed so far, each time it prints: to act in the middle of a run. */
  readonly onOutput?: (child: ChildProcess, stdout: string) => void
}

/** Runs a program to its end and answers what came out, whatever the exit code. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd = repositoryRoot, env = {}, onOutput }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } })
    const output = { stdout: '', stderr: '' }
    child.stdin.end()
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text
      onOutput?.(child, output.stdout)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...output }))
  })
}

/** Runs a TypeScript file of this repository in this very node. */
export function runTypeScript(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return runProgram(process.execPath, [bundledOnce(file), ...args], options)
}

/**
 * The same as it is written, and with the package as it is built, which `npm test` has done before: as readers run
 * examples. That takes a second more.
 */
export function runWithTsx(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const tsconfig = join(repositoryRoot, 'tsconfig.built.json')
  const env = { TSX_DISABLE_CACHE: '1', TSX_TSCONFIG_PATH: tsconfig, ...options.env }
  return runProgram(process.execPath, ['--import', 'tsx', file, ...args], { ...options, env })
}
