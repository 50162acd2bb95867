import { join } from 'node:path'
import { bytesOfText } from '../fs/byte-names.js'
import { entriesIn, kindOf } from '../fs/presence.js'
import { type AgentGitDir, readSymbolicRef } from '../git/agent-git-dir.js'
import { plainFilesBelow } from '../git/plain-files.js'
import { refStorageOf } from '../git/ref-storage.js'
import type { ArchiveManifest, FilePlace } from '../model/archive-manifest.js'
import { NO_BASELINE } from './archive-baseline.js'
import { readContent } from './archive-file-content.js'
import { type SpecialFile, type WalkRequest, walk } from './archive-walk.js'
import { FILES_OF_GIT, namesOfGit } from './left-in-git-dir.js'

/** A file with the place that its name is relative to. */
export interface PlacedFile extends SpecialFile {
  readonly place: FilePlace
  readonly permissions?: number | undefined
}

export type CollectRequest = Omit<WalkRequest, 'directory' | 'baseline' | 'leaveOut' | 'place'>

/** What configures a repository is left out, since it would be obeyed where the archive is restored. */
const FOLDERS = [
  ...['logs', 'rebase-merge', 'rebase-apply', 'sequencer', 'rr-cache', 'modules', 'worktrees'],
  // What commits name by pointers: content that git itself does not have.
  'lfs/objects',
]
const INFO_FILES = /^(?:exclude|sparse-checkout)$/

export interface GitDirRequest {
  readonly agent: AgentGitDir
  /** Whose reflogs are among those of a repository that is shared. */
  readonly branches: readonly string[]
  /** The names of the worktrees that the agent has added to such a repository. */
  readonly worktrees: readonly string[]
}

/** What was written of an agent's git dir. */
export interface GitDirFiles {
  readonly files: readonly PlacedFile[]
  /** Folders that no file leads to, such as the `refs` without which git takes a folder for no repository. */
  readonly folders: ArchiveManifest['gitDirFolders']
  /** As of `Walked`, relative to the git dir. */
  readonly skipped: readonly string[]
}

/** Writes the files of an agent's git dir that a restore puts back; links among git's own are left out. */
export async function collectGitDir(
  { agent, branches, worktrees }: GitDirRequest,
  request: CollectRequest,
): Promise<GitDirFiles> {
  const { gitDir, commonDir } = agent
  const isShared = gitDir !== commonDir
  const tables = isShared && (await refStorageOf(commonDir)) === 'reftable' ? ['reftable'] : []
  const folders = await collectFolders(gitDir, [...FOLDERS, ...tables], request)
  const left = await collectLeft(gitDir, request)
  const own = [
    ...(await filesIn(gitDir, '', FILES_OF_GIT, request)),
    ...(await filesIn(gitDir, 'info/', INFO_FILES, request)),
    ...folders.files,
    ...left.files,
    ...(isShared ? [] : await collectSymbolicRefs(gitDir, request)),
  ]
  const logs = isShared ? branches.map((branch) => `logs/refs/heads/${branch}`) : []
  const common = await Promise.all(logs.map((log) => collectOne(commonDir, log, request)))
  const added = isShared ? worktrees.map((name) => `worktrees/${name}`) : []
  const theirs = (await collectFolders(commonDir, added, request)).files
  const files = [...placed(own, 'git dir'), ...placed([...common.flat(), ...theirs], 'common dir')]
  return { files, folders: [...folders.folders, ...left.folders], skipped: left.skipped }
}

/** What is not git's there is the agent's: all of it, links included. */
async function collectLeft(gitDir: string, request: CollectRequest): Promise<CollectedBelow & Skipped> {
  if ((await kindOf(gitDir)) !== 'directory') return { files: [], folders: [], skipped: [] }
  const leaveOut = await namesOfGit(gitDir)
  const found = await walk({
    ...request,
    directory: gitDir,
    baseline: NO_BASELINE,
    leaveOut,
    place: 'special',
  })
  const files = found.special.map((file) => ({ ...file, permissions: found.permissions.get(file.path) }))
  return { files, folders: [...found.folders], skipped: found.skipped }
}

type Skipped = Pick<GitDirFiles, 'skipped'>

/** Writes everything below a folder, for a place of its own. */
export async function collectFolder(
  directory: string,
  place: FilePlace,
  request: CollectRequest,
): Promise<PlacedFile[]> {
  if ((await kindOf(directory)) !== 'directory') return []
  return placed((await collectAll(directory, '', request)).files, place)
}

/** A branch may only stand for another one: its commit is archived with the refs, and here what it stands for. */
async function collectSymbolicRefs(gitDir: string, request: CollectRequest): Promise<Collected[]> {
  const names = (await plainFilesBelow(join(gitDir, 'refs'))).filter((name) => !name.startsWith('remotes/'))
  const found: Collected[] = []
  for (const name of names.map((one) => `refs/${one}`)) {
    if ((await readSymbolicRef(gitDir, name)) !== undefined)
      found.push(...(await collectOne(gitDir, name, request)))
  }
  return found
}

type Collected = SpecialFile & { readonly permissions?: number | undefined }

interface CollectedBelow {
  readonly files: readonly Collected[]
  readonly folders: GitDirFiles['folders']
}

async function collectFolders(
  gitDir: string,
  folders: readonly string[],
  request: CollectRequest,
): Promise<CollectedBelow> {
  const all: CollectedBelow[] = []
  for (const folder of folders) {
    if (!(await isFolderInside(gitDir, folder))) continue
    all.push(await collectAll(join(gitDir, folder), `${folder}/`, request))
  }
  return { files: all.flatMap(({ files }) => files), folders: all.flatMap((below) => below.folders) }
}

/** Whether no link on the way to it leads out of the repository. */
async function isFolderInside(gitDir: string, folder: string): Promise<boolean> {
  const parts = folder.split('/').filter(Boolean)
  for (const [at] of parts.entries())
    if ((await kindOf(join(gitDir, ...parts.slice(0, at + 1)))) !== 'directory') return false
  return true
}

async function collectAll(
  directory: string,
  folder: string,
  request: CollectRequest,
): Promise<CollectedBelow> {
  const found = await walk({ ...request, directory, baseline: NO_BASELINE, leaveOut: [], place: 'special' })
  const prefix = bytesOfText(folder).toString('latin1')
  const files = found.special
    .filter((file) => file.mode !== '120000' && !file.path.endsWith('.lock'))
    .map((file) => ({
      ...file,
      path: prefix + file.path,
      permissions: found.permissions.get(file.path),
    }))
  return { files, folders: [...found.folders].map(([name, mode]) => [prefix + name, mode] as const) }
}

async function filesIn(
  gitDir: string,
  prefix: string,
  names: RegExp,
  request: CollectRequest,
): Promise<Collected[]> {
  if (!(await isFolderInside(gitDir, prefix))) return []
  const entries = await entriesIn(join(gitDir, prefix))
  const wanted = entries.filter((entry) => entry.isFile() && names.test(entry.name))
  const found: Collected[] = []
  for (const entry of wanted) found.push(...(await collectOne(gitDir, prefix + entry.name, request)))
  return found
}

async function collectOne(directory: string, name: string, request: CollectRequest): Promise<Collected[]> {
  const path = join(directory, name)
  if ((await kindOf(path)) !== 'file') return []
  const { mode, permissions, write } = await readContent(request, bytesOfText(path), 'file')
  const usual = (mode === '100755' ? 0o777 : 0o666) & ~request.umask
  return [
    {
      path: bytesOfText(name).toString('latin1'),
      mode,
      oid: await write(),
      permissions: permissions === usual ? undefined : permissions,
    },
  ]
}

function placed(files: readonly Collected[], place: FilePlace): PlacedFile[] {
  return files.map((file) => ({ ...file, place }))
}
