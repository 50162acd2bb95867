import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deleteTree } from '../fs/trash.js'
import { Git } from '../git/git.js'
import type { RefStorage } from '../git/ref-storage.js'
import type { CreateRequest, StrategyRepository } from './strategy.js'

/** What the repository of the contract contains, by path. */
export const STAGE_FILES: Readonly<Record<string, string>> = {
  'README.md': '# a repository for tests\n',
  'src/main.txt': 'one\ntwo\n',
  'docs/a name with spaces.txt': 'spaces\n',
}

/** A mirror with one commit, a folder of the caller's own, and requests for workspaces over them. */
export interface Stage {
  readonly git: Git
  readonly directory: string
  readonly repository: StrategyRepository
  readonly commit: string
  readonly originUrl: string
  /** A folder with the same files, for strategies that work in a folder of the caller. */
  readonly callersFolder: string
  request(name: string, changes?: Partial<CreateRequest>): Promise<CreateRequest>
  clear(): Promise<void>
}

export interface StageOptions {
  readonly refStorage?: RefStorage | undefined
  readonly owner?: StrategyRepository['owner'] | undefined
}

export async function buildStage(options: StageOptions = {}): Promise<Stage> {
  const { refStorage = 'files', owner = 'manager' } = options
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'strategy-contract-')))
  const git = new Git({ gitTimeoutMs: 60_000 })
  const gitDir = join(directory, 'mirror.git')
  const commit = await buildMirror(git, gitDir, refStorage)
  const callersFolder = await buildFolder(directory)
  const repository: StrategyRepository = { gitDir, objectFormat: 'sha1', owner }
  const originUrl = 'https://git.example/contract.git'
  const stage = { git, directory, repository, commit, originUrl, callersFolder }
  return {
    ...stage,
    request: (name, changes) => buildRequest(stage, name, changes),
    clear: () => deleteTree(directory),
  }
}

async function buildMirror(git: Git, gitDir: string, refStorage: RefStorage): Promise<string> {
  await git.run({
    args: ['init', '--quiet', '--bare', '--template=', '--object-format=sha1', '--', gitDir],
    config: { 'init.defaultRefFormat': refStorage },
  })
  await git.run({ args: ['fast-import', '--quiet', '--done'], gitDir, input: importStream() })
  await git.run({ args: ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main'], gitDir })
  const { stdout } = await git.run({ args: ['rev-parse', '--verify', 'refs/remotes/origin/main'], gitDir })
  return stdout.trim()
}

/** The format of git-fast-import(1). */
function importStream(): string {
  const files = Object.entries(STAGE_FILES).map(
    ([path, content]) => `M 100644 inline "${path}"\ndata ${Buffer.byteLength(content)}\n${content}\n`,
  )
  const author = 'contract <contract@agent.invalid> 1700000000 +0000'
  const message = 'data 5\nfirst\n'
  return `commit refs/remotes/origin/main\nauthor ${author}\ncommitter ${author}\n${message}${files.join('')}\ndone\n`
}

async function buildFolder(directory: string): Promise<string> {
  const folder = join(directory, 'callers-folder')
  for (const [path, content] of Object.entries(STAGE_FILES)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

async function buildRequest(
  stage: Omit<Stage, 'request' | 'clear'>,
  name: string,
  changes: Partial<CreateRequest> = {},
): Promise<CreateRequest> {
  const rootDir = join(stage.directory, 'tasks', name)
  await mkdir(rootDir, { recursive: true })
  return {
    key: { envId: 'contract', taskId: name },
    rootDir,
    workDir: join(rootDir, 'workdir'),
    branch: `task/${name}`,
    base: { ref: 'main', commit: stage.commit },
    repository: stage.repository,
    originUrl: stage.originUrl,
    sourcePath: stage.callersFolder,
    ...changes,
  }
}
