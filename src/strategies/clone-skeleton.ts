import { mkdir, rename, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryName } from '../fs/temporary-name.js'
import type { Git } from '../git/git.js'
import { writeCuts } from '../git/shallow-file.js'
import { sparseConfig } from '../git/sparse-cone.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import { asPartialClone } from '../model/partial-clone-config.js'
import { type CloneParts, writeRef } from './clone-parts.js'
import { type CloneRefs, refsForClone, writeCloneRefs } from './clone-refs.js'
import { giveOwnObjects } from './own-objects.js'
import { readShallow, shallowBoundary } from './shallow-history.js'
import type { CreateRequest, StrategyRepository } from './strategy.js'

/**
 * Makes the `.git` of a clone. Objects are borrowed from the mirror, which never drops one, or are all its own.
 * Upstream branches and tags are copied as one file, `origin` names the true remote. It is made under a name of its
 * own: whoever was suspended meanwhile, and lost the task to another host, finds nothing there to write into.
 */
export async function writeCloneSkeleton(
  git: Git,
  parts: CloneParts,
  request: CreateRequest,
  repository: StrategyRepository,
  commit: string,
): Promise<string> {
  const { workDir, signal } = request
  const staged = join(workDir, temporaryName('clone'))
  const gitDir = join(staged, '.git')
  await mkdir(workDir)
  const config = await parts.initialise(staged, repository.objectFormat, signal)
  // Before the objects: what is fetched meanwhile adds to these, and refs must not name what is not there.
  const refs = await refsForClone(parts, repository, request)
  const wanted = [commit, refs.tag].filter((oid) => oid !== undefined)
  await giveObjects(git, gitDir, request, repository, wanted)
  await writeCloneRefs(gitDir, refs)
  await writeFile(join(gitDir, 'config'), cloneConfig(config, request, repository, refs))
  await writeHead(gitDir, request.branch, commit)
  await rename(gitDir, join(workDir, '.git'))
  await rmdir(staged)
  return join(workDir, '.git')
}

async function giveObjects(
  git: Git,
  gitDir: string,
  { shape, signal }: CreateRequest,
  repository: StrategyRepository,
  [commit = '', ...others]: readonly string[],
): Promise<void> {
  const mirrorDir = repository.gitDir
  // A shallow source makes a shallow mirror, and its clones have to know where history ends.
  const ends = await readShallow(mirrorDir)
  const depth = shape?.depth
  const cuts =
    depth === undefined ? [] : await shallowBoundary(git, { gitDir: mirrorDir, commit, depth, signal })
  const shallow = [...ends, ...cuts]
  await writeCuts(gitDir, shallow)
  if (shape?.objects !== 'own') return borrowObjects(mirrorDir, gitDir)
  return giveOwnObjects(git, { gitDir, repository, depth, commits: [commit, ...others], shallow, signal })
}

function borrowObjects(mirrorDir: string, gitDir: string): Promise<void> {
  return writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${join(mirrorDir, 'objects')}\n`)
}

function cloneConfig(
  empty: string,
  { originUrl, shape }: CreateRequest,
  { filter }: StrategyRepository,
  refs: CloneRefs,
): string {
  const origin = originUrl === undefined ? '' : remoteSection(originUrl, refs.fetch)
  const sparse = Object.entries(sparseConfig(shape?.sparse)).map(
    ([key, value]) => `\t${key.replace('core.', '')} = ${value}\n`,
  )
  const core = sparse.length === 0 ? '' : `[core]\n${sparse.join('')}`
  const config = `${empty.trimEnd()}\n${core}${origin}[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n`
  return filter === undefined ? config : asPartialClone(config, filter)
}

function remoteSection(url: string, fetch: string | undefined): string {
  const refspec = fetch === undefined ? '' : `\tfetch = ${quoteConfigValue(fetch)}\n`
  return `[remote "origin"]\n\turl = ${quoteConfigValue(url)}\n${refspec}`
}

async function writeHead(gitDir: string, branch: string | undefined, commit: string): Promise<void> {
  if (branch !== undefined) await writeRef(gitDir, `refs/heads/${branch}`, `${commit}\n`)
  const head = branch === undefined ? commit : `ref: refs/heads/${branch}`
  await writeFile(join(gitDir, 'HEAD'), `${head}\n`)
}
