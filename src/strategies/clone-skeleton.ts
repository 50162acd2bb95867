import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import type { Git } from '../git/git.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import type { CreateRequest, StrategyRepository } from './strategy.js'

const UPSTREAM = 'refs/remotes/origin/'
const UPSTREAM_HEAD = `${UPSTREAM}HEAD`

/**
 * Makes the `.git` of a clone without copying an object: they are borrowed from the mirror, which never drops
 * one. Upstream branches and tags are copied as one file, `origin` names the true remote.
 */
export async function writeCloneSkeleton(
  git: Git,
  request: CreateRequest,
  repository: StrategyRepository,
  commit: string,
): Promise<string> {
  const gitDir = join(request.workDir, '.git')
  await git.run({
    args: [
      'init',
      '--quiet',
      '--template=',
      `--object-format=${repository.objectFormat}`,
      '--',
      request.workDir,
    ],
    config: { 'init.defaultRefFormat': 'files' },
    signal: request.signal,
  })
  await borrowObjects(repository.gitDir, gitDir)
  await copyUpstreamRefs(git, repository.gitDir, gitDir, request.signal)
  await writeOrigin(gitDir, request.originUrl)
  await writeHead(gitDir, request.branch, commit)
  return gitDir
}

async function borrowObjects(mirrorDir: string, gitDir: string): Promise<void> {
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true })
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${join(mirrorDir, 'objects')}\n`)
  // A shallow source makes a shallow mirror, and its borrowers have to know where history ends.
  await copyIfPresent(join(mirrorDir, 'shallow'), join(gitDir, 'shallow'))
}

async function copyUpstreamRefs(
  git: Git,
  mirrorDir: string,
  gitDir: string,
  signal?: AbortSignal,
): Promise<void> {
  const { stdout } = await git.run({
    args: ['for-each-ref', '--format=%(objectname) %(refname)', UPSTREAM, 'refs/tags/'],
    gitDir: mirrorDir,
    signal,
  })
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.endsWith(` ${UPSTREAM_HEAD}`))
  await writeFile(
    join(gitDir, 'packed-refs'),
    `# pack-refs with: sorted \n${lines.map((line) => `${line}\n`).join('')}`,
  )
  await copyUpstreamHead(mirrorDir, gitDir)
}

async function copyUpstreamHead(mirrorDir: string, gitDir: string): Promise<void> {
  const head = await readIfPresent(join(mirrorDir, UPSTREAM_HEAD))
  // Only a name among the copied branches has a meaning in the clone.
  if (!head?.startsWith(`ref: ${UPSTREAM}`)) return
  await writeRef(gitDir, UPSTREAM_HEAD, head)
}

async function writeOrigin(gitDir: string, originUrl: string | undefined): Promise<void> {
  const file = join(gitDir, 'config')
  const probed = await readFile(file, 'utf8')
  const origin = originUrl === undefined ? '' : remoteSection(originUrl)
  await writeFile(file, `${probed.trimEnd()}\n${origin}[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n`)
}

function remoteSection(url: string): string {
  return `[remote "origin"]\n\turl = ${quoteConfigValue(url)}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`
}

async function writeHead(gitDir: string, branch: string | undefined, commit: string): Promise<void> {
  if (branch === undefined) return writeFile(join(gitDir, 'HEAD'), `${commit}\n`)
  await writeRef(gitDir, `refs/heads/${branch}`, `${commit}\n`)
  await writeFile(join(gitDir, 'HEAD'), `ref: refs/heads/${branch}\n`)
}

async function writeRef(gitDir: string, ref: string, content: string): Promise<void> {
  const file = join(gitDir, ref)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

async function copyIfPresent(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}
