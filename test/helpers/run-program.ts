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

/** Runs an example as its readers do: with the package as it is built, which `npm test` has done before. */
export function runExample(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const env = { TSX_TSCONFIG_PATH: join(repositoryRoot, 'tsconfig.built.json'), ...options.env }
  return runWithTsx(file, args, { ...options, env })
}

/** Runs a TypeScript file of this repository in this very node. */
export function runTypeScript(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return runProgram(process.execPath, [bundledOnce(file), ...args], options)
}

/** The same, for programs that look for files beside their own. */
export function runWithTsx(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const env = { TSX_DISABLE_CACHE: '1', ...options.env }
  return runProgram(process.execPath, ['--import', 'tsx', file, ...args], { ...options, env })
}
