import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { isAbandoned } from '../../../src/git/abandoned-files.js'
import { git, hermeticEnvironment } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

export interface Repository {
  /** The folder of an environment, as the manager lays it out. */
  readonly environment: string
  readonly root: string
  readonly gitDir: string
  readonly commit: string
}

/** A bare repository with one commit where the manager has its mirror. */
export async function managedRepository(): Promise<Repository> {
  const root = join(await temporaryDirectory(), 'root')
  const environment = join(root, 'managed-repos', 'shop')
  const gitDir = join(environment, '.git-task', 'mirror.git')
  return { root, environment, gitDir, commit: await bareRepository(gitDir) }
}

/** Makes a bare repository with one commit on main, and answers the commit. */
export async function bareRepository(gitDir: string): Promise<string> {
  await mkdir(gitDir, { recursive: true })
  await git(gitDir, 'init', '--quiet', '--bare', '-b', 'main')
  const tree = await git(gitDir, 'hash-object', '-w', '-t', 'tree', '--stdin')
  const commit = await git(gitDir, 'commit-tree', '-m', 'first', tree)
  await git(gitDir, 'update-ref', 'refs/heads/main', commit)
  return commit
}

/** A real git that waits for more input; it is ended with the test. */
export class WaitingGit {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(
    cwd: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<WaitingGit> {
    const env = { ...hermeticEnvironment(), ...environment }
    const child = spawn('git', args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] })
    await once(child, 'spawn')
    child.stdin?.on('error', () => child.stdin?.destroy())
    const waiting = new WaitingGit(child)
    onTestFinished(() => waiting.kill())
    return waiting
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  write(input: string | Buffer): void {
    this.#child.stdin?.write(input)
  }

  /** Waits for a line on its output. */
  async says(line: string): Promise<void> {
    let heard = ''
    for await (const chunk of this.#child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
      heard += String(chunk)
      if (heard.includes(`${line}\n`)) return
    }
    throw new Error(`it ended without "${line}": ${heard}`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

/**
 * Waits until a file that a killed git left is known to be abandoned. Other tests may just have a git whose files
 * cannot be told from ours; it must end first, unless it came clearly later.
 */
export async function untilAbandoned(path: string): Promise<void> {
  await outliveTheMargin(path)
  await expect.poll(() => isAbandoned(path), { timeout: 30_000, interval: 100 }).toBe(true)
}

/** A git that has locked the refs that `commands` of git-update-ref(1) change, and waits before it changes them. */
export async function lockRefs(
  { gitDir }: Pick<Repository, 'gitDir'>,
  ...commands: readonly string[]
): Promise<WaitingGit> {
  const waiting = await WaitingGit.start(gitDir, ['update-ref', '--stdin'])
  waiting.write(['start', ...commands, 'prepare', ''].join('\n'))
  await waiting.says('prepare: ok')
  return waiting
}

/** Waits until a git that starts now has certainly not made the file: the clocks of files are not exact to a second. */
export async function outliveTheMargin(path: string): Promise<void> {
  const { ctimeMs } = await lstat(path)
  await expect.poll(() => Date.now() - ctimeMs, { timeout: 5_000, interval: 100 }).toBeGreaterThan(1_100)
}
