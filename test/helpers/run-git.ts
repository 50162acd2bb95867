import { spawn } from 'node:child_process'
import { devNull } from 'node:os'

export interface GitResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What every git of the tests runs with: the same identity and dates each time, so object ids repeat. */
const fixed = {
  GIT_AUTHOR_NAME: 'Test Author',
  GIT_AUTHOR_EMAIL: 'author@example.org',
  GIT_AUTHOR_DATE: '2024-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'Test Author',
  GIT_COMMITTER_EMAIL: 'author@example.org',
  GIT_COMMITTER_DATE: '2024-01-02T03:04:05Z',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_EDITOR: ':',
  LC_ALL: 'C',
} as const

/** The tests' own environment for git: nothing inherited from an outer repository or the user's settings. */
export function hermeticEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  return { ...Object.fromEntries(inherited), ...fixed }
}

/** Runs plain git in a directory and answers its output without the final newline; rejects with git's stderr when it fails. */
export async function git(directory: string, ...args: string[]): Promise<string> {
  return expectSuccess(args, await runGit(directory, args)).trimEnd()
}

/** Runs plain git and answers its exit code and output as they are, for tests that expect a failure. */
export function tryGit(directory: string, ...args: string[]): Promise<GitResult> {
  return runGit(directory, args)
}

/** Runs git with something on its standard input (`fast-import`, `hash-object --stdin`, …). */
export async function feedGit(directory: string, input: string | Buffer, ...args: string[]): Promise<string> {
  return expectSuccess(args, await runGit(directory, args, input)).trimEnd()
}

function expectSuccess(args: readonly string[], result: GitResult): string {
  if (result.code === 0) return result.stdout
  throw new Error(`git ${args.join(' ')} ended with ${result.code}: ${result.stderr}`)
}

function runGit(cwd: string, args: readonly string[], input?: string | Buffer): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd, env: hermeticEnvironment() })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, stdout: text(stdout), stderr: text(stderr) }))
    // A git that refuses early closes its end first; its exit code and stderr then say why.
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdin.end(input)
  })
}

const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8')
