import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectories } from '../fs/make-directories.js'
import type { Git } from '../git/git.js'
import { readPlain } from '../git/plain-files.js'
import type { StrategyRepository } from './strategy.js'

export const UPSTREAM = 'refs/remotes/origin/'

export const UPSTREAM_HEAD = `${UPSTREAM}HEAD`

const MAX_HEAD_BYTES = 4096

/** What all clones of a mirror have in common, asked of git once and written without it from then on. */
export class CloneParts {
  readonly #git: Git
  readonly #configs = new Map<string, string>()
  readonly #refs = new Map<string, { readonly fetchedAt: string | undefined; readonly packed: string }>()

  constructor(git: Git) {
    this.#git = git
  }

  /**
   * Makes an empty repository in a folder and answers with its configuration. What that says of the file system is
   * found out by `git init` for the first one on a device.
   */
  async initialise(
    workDir: string,
    objectFormat: StrategyRepository['objectFormat'],
    signal?: AbortSignal,
  ): Promise<string> {
    const device = `${(await stat(dirname(workDir))).dev}:${objectFormat}`
    const known = this.#configs.get(device)
    if (known !== undefined) {
      await writeEmptyRepository(join(workDir, '.git'))
      return known
    }
    const args = ['init', '--quiet', '--template=', `--object-format=${objectFormat}`, '--', workDir]
    await this.#git.run({ args, config: { 'init.defaultRefFormat': 'files' }, signal })
    const config = await readFile(join(workDir, '.git', 'config'), 'utf8')
    this.#configs.set(device, config)
    return config
  }

  /** The upstream branches and tags of a mirror as the content of a `packed-refs` file. */
  async packedRefs({ gitDir, fetchedAt }: StrategyRepository, signal?: AbortSignal): Promise<string> {
    const known = this.#refs.get(gitDir)
    if (known !== undefined && fetchedAt !== undefined && known.fetchedAt === fetchedAt) return known.packed
    const { stdout } = await this.#git.run({
      args: ['for-each-ref', '--format=%(objectname) %(refname)', UPSTREAM, 'refs/tags/'],
      gitDir,
      signal,
    })
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.endsWith(` ${UPSTREAM_HEAD}`))
    const packed = `# pack-refs with: sorted \n${lines.map((line) => `${line}\n`).join('')}`
    this.#refs.set(gitDir, { fetchedAt, packed })
    return packed
  }
}

/** As `git init` without a template makes it, see gitrepository-layout(5); HEAD and config are the caller's. */
async function writeEmptyRepository(gitDir: string): Promise<void> {
  await mkdir(dirname(gitDir))
  await mkdir(gitDir)
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await makeDirectories(join(gitDir, folder))
  }
}

/** The mirror's own note of the default branch, where it names one of the upstream branches. */
export async function upstreamHeadOf(mirrorDir: string): Promise<string | undefined> {
  const head = await readPlain(join(mirrorDir, UPSTREAM_HEAD), MAX_HEAD_BYTES)
  return head?.startsWith(`ref: ${UPSTREAM}`) ? head : undefined
}

/** Writes one ref of a repository that nobody else uses yet. */
export async function writeRef(gitDir: string, ref: string, content: string): Promise<void> {
  const file = join(gitDir, ref)
  await makeDirectories(dirname(file))
  await writeFile(file, content)
}
