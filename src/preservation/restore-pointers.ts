import { lstat, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { isPresent } from '../fs/presence.js'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { FilePlace } from '../model/archive-manifest.js'
import type { OpenArchive } from './restore-archive.js'
import { RestoreFolder } from './restore-names.js'

/** Of a linked worktree or a submodule, of the repository that has such a worktree, and of one that borrows objects. */
const POINTER = /(?:^|\/)\.git$|\.git\/(?:.+\/)?(?:worktrees\/[^/]+\/gitdir|objects\/info\/alternates)$/

/** What is larger is an agent's doing, and comes back as it was. */
const MAX_BYTES = 1024 * 1024

export interface PointersRequest {
  readonly agent: AgentGitDir
  readonly workDir: string
  /** The task's folder when it was archived, and now. */
  readonly rootDir: { readonly from: string; readonly to: string }
  /** The name of the task's registration in a repository that others use, when it was archived, and now. */
  readonly registration: { readonly from: string; readonly to: string }
  /** Worktrees of a repository that others use whose registration came with the archive. */
  readonly registered: ReadonlySet<string>
}

/**
 * Worktrees that the agent had added and their repository name each other by absolute paths (gitrepository-layout(5)),
 * and so does a repository that borrows objects name the lender. In another task's place they would lead into the
 * first one's, which may be somebody's work by now; one whose name in a shared repository is somebody else's is plain
 * files.
 */
export async function restorePointers({ manifest }: OpenArchive, request: PointersRequest): Promise<void> {
  const { agent, registered } = request
  const moved = await moves(request)
  for (const { place, name } of manifest.special) {
    const path = pathOf(request, place, name)
    if (path === undefined) continue
    await movePointer(path, moved)
    if (name.endsWith('.git')) await moveWayBack(path, request.rootDir.to, moved)
  }
  if (request.rootDir.from !== request.rootDir.to)
    for (const { place, name } of manifest.special) await moveSubmodule(request, place, name)
  for (const name of registered) await movePointer(join(agent.commonDir, 'worktrees', name, 'gitdir'), moved)
  if (agent.gitDir === agent.commonDir) return
  for (const { place, name } of manifest.special) {
    const path = name.endsWith('/.git') ? pathOf(request, place, name) : undefined
    if (path !== undefined) await forgetIfOthers(path.toString(), request)
  }
}

function pathOf({ agent, workDir, rootDir }: PointersRequest, place: FilePlace, name: string) {
  const isPointer = POINTER.test(place === 'git dir' ? `.git/${name}` : name)
  const folders = { 'git dir': agent.gitDir, checkout: workDir, beside: rootDir.to } as const
  if (!isPointer || place === 'common dir' || place === 'context') return undefined
  return new RestoreFolder(folders[place]).path(name)
}

/**
 * Both folders as they are named, and as git names them: without links; and the git dir that a worktree has for
 * itself.
 */
async function moves({ agent, registration, rootDir }: PointersRequest): Promise<[string, string][]> {
  const { from, to } = rootDir
  if (from === to) return []
  const real = await realpath(to)
  const entry = (name: string) => join(agent.commonDir, 'worktrees', name, '/')
  return [
    [entry(registration.from), entry(registration.to)],
    [join(from, '/'), join(to, '/')],
    [join(dirname(real), basename(from), '/'), join(real, '/')],
  ]
}

async function movePointer(path: string | Buffer, moved: readonly [string, string][]): Promise<void> {
  if (moved.length === 0) return
  const before = await readPointer(path)
  const after = before.replace(/^(gitdir: )?(\/.*)$/gm, (line, mark: string | undefined, target: string) => {
    const move = moved.find(([from]) => target.startsWith(from))
    return move === undefined ? line : `${mark ?? ''}${move[1]}${target.slice(move[0].length)}`
  })
  if (after !== before) await writeFile(path, after)
}

/**
 * A bare repository has nothing in it that is named `.git`: its worktree leads there. By where the pointer really leads:
 * an agent may have named whatever there is, and a registration of another task looks the same.
 */
async function moveWayBack(
  pointer: string | Buffer,
  rootDir: string,
  moved: readonly [string, string][],
): Promise<void> {
  const entry = /^gitdir: (.+)$/m.exec(await readPointer(pointer))?.[1] ?? ''
  if (basename(dirname(entry)) !== 'worktrees' || resolve(entry) !== entry) return
  if (await isReallyInside(entry, rootDir)) await movePointer(join(entry, 'gitdir'), moved)
}

async function isReallyInside(path: string, folder: string): Promise<boolean> {
  try {
    return (await realpath(path)).startsWith(join(await realpath(folder), '/'))
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG')) return false
    throw error
  }
}

/** A submodule and its repository name each other by relative paths, which lead over the names of the task. */
async function moveSubmodule(
  { agent, workDir, rootDir, registration }: PointersRequest,
  place: FilePlace,
  name: string,
): Promise<void> {
  const isPointer = place === 'checkout' && name.endsWith('/.git')
  const isConfig = place === 'git dir' && /^modules\/.+\/config$/.test(name)
  if (!isPointer && !isConfig) return
  const path = new RestoreFolder(isPointer ? workDir : agent.gitDir).path(name)
  const content = await readPointer(path)
  const moved = content.replace(/^(?:gitdir: |[ \t]*worktree = )\.\.\/.*$/m, (line) =>
    line
      .replace(`/worktrees/${registration.from}/modules/`, `/worktrees/${registration.to}/modules/`)
      .replace(`/tasks/${basename(rootDir.from)}/`, `/tasks/${basename(rootDir.to)}/`),
  )
  if (moved !== content) await writeFile(path, moved)
}

async function forgetIfOthers(pointer: string, { agent, rootDir }: PointersRequest): Promise<void> {
  const entry = /^gitdir: (.+)$/m.exec(await readPointer(pointer))?.[1]
  if (entry === undefined || dirname(entry) !== join(agent.commonDir, 'worktrees')) return
  const back = join(entry, 'gitdir')
  if (!(await isPresent(back))) return
  const named = resolve(entry, (await readPointer(back)).trim())
  if (named === (await realpath(pointer))) return
  // One that the agent has moved within its task is still named where it was.
  const roots = [rootDir.to, await realpath(rootDir.to)]
  const isOfTask = roots.some((root) => named.startsWith(join(root, '/')))
  if (!isOfTask || (await isPresent(named))) await rm(pointer)
}

/** Empty for what is no plain file, or too large for a pointer or a submodule's configuration. */
async function readPointer(path: string | Buffer): Promise<string> {
  try {
    const found = await lstat(path)
    return found.isFile() && found.size <= MAX_BYTES ? await readFile(path, 'utf8') : ''
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return ''
    throw error
  }
}
