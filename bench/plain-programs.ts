import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** What every git of the benchmark runs with: nobody's configuration, no prompts, English messages. */
export const plainEnvironment = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
} as const

/** Runs git as anybody would. @returns what it printed */
export async function plainGit(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('git', args, { env: { ...process.env, ...plainEnvironment } })
  return stdout.trim()
}

/** With `rm`, which takes a fraction of the time that Node takes. */
export async function removeTrees(...paths: readonly string[]): Promise<void> {
  await execute('rm', ['-rf', '--', ...paths])
}

/** Copies a tree with the files themselves as hard links, which is quick and shares what is cached of them. */
export async function linkTree(from: string, to: string): Promise<void> {
  await execute('cp', ['-al', '--', from, to])
}

/** What `du` says that a tree takes. */
export async function diskBytes(path: string): Promise<number> {
  const { stdout } = await execute('du', ['-sk', '--', path])
  return Number.parseInt(stdout, 10) * 1024
}

/** Waits until the file system has written what it was given, so that nobody pays for whoever came before. */
export async function settleDisk(directory: string): Promise<void> {
  // Elsewhere `sync` knows no single file system, and waits for all of them.
  await execute('sync', process.platform === 'linux' ? ['-f', directory] : [])
}
