import type { Dirent } from 'node:fs'
import { copyFile, lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { kindOf } from '../fs/presence.js'
import type { Git, GitCall } from '../git/git.js'
import { PARALLEL_CHECKOUT } from '../git/parallel-checkout.js'
import type { ArchiveManifest, FilePlace } from '../model/archive-manifest.js'
import type { OpenArchive } from './restore-archive.js'
import { RestoreFolder } from './restore-names.js'

export interface FilesRequest {
  readonly workDir: string
  /** For short-lived files, on the same file system; it exists. */
  readonly staging: string
  readonly signal?: AbortSignal | undefined
}

/** Nothing is changed in a file's content, whatever the user has configured and the files themselves ask for. */
const RAW = {
  'core.autocrlf': 'false',
  'core.eol': 'lf',
  'core.symlinks': 'true',
  'core.fileMode': 'true',
  'core.protectNTFS': 'false',
  'core.protectHFS': 'false',
  ...PARALLEL_CHECKOUT,
} as const

/**
 * Makes a checkout of the base what the archived one was: takes away what that had not, and writes what was changed or
 * new, byte for byte. Files with names that git does not write are in the staging folder afterwards.
 */
export async function restoreFiles(git: Git, archive: OpenArchive, request: FilesRequest): Promise<void> {
  const { manifest } = archive
  const { workDir, staging, signal } = request
  const checkout = new RestoreFolder(workDir)
  for (const name of manifest.deleted) await checkout.remove(name)
  const special = join(staging, 'special')
  await mkdir(special)
  const folders = await foldersOf(git, archive, signal)
  if (folders.has('files'))
    await writeFolder(git, archive, { folder: 'files', workTree: workDir, staging, signal })
  if (folders.has('special'))
    await writeFolder(git, archive, { folder: 'special', workTree: special, staging, signal })
}

async function foldersOf(
  git: Git,
  { store, snapshot }: OpenArchive,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const args = ['ls-tree', '--name-only', snapshot]
  return new Set((await git.run({ args, gitDir: store.gitDir, signal })).stdout.split('\n'))
}

/** Puts the files of one kind of place from the staging folder into theirs. */
export async function placeSpecial(
  { manifest }: Pick<OpenArchive, 'manifest'>,
  { staging, place, directory, rename = (name) => name }: PlaceRequest,
): Promise<void> {
  const folder = new RestoreFolder(directory)
  for (const [index, file] of manifest.special.entries()) {
    if (file.place !== place) continue
    const name = await rename(file.name)
    if (name === undefined) continue
    await folder.place(join(staging, 'special', numbered(index)), name)
    if (file.mode !== undefined) await folder.permit(name, file.mode)
  }
}

export interface PlaceRequest {
  readonly staging: string
  readonly place: FilePlace
  readonly directory: string
  /** The name that a file gets; undefined for one that is not wanted. */
  readonly rename?: ((name: string) => string | undefined | Promise<string | undefined>) | undefined
}

/**
 * Makes the folders that no file leads to, and gives everything its permissions, the innermost first.
 *
 * @param umask What new files are not given here and now.
 */
export async function restorePermissions(
  { manifest }: OpenArchive,
  workDir: string,
  umask: number,
): Promise<void> {
  const checkout = new RestoreFolder(workDir)
  if (manifest.umask !== undefined && manifest.umask !== umask)
    await permitAsUnder(manifest.umask, checkout, await listFolder(checkout, ''))
  await checkout.makeFolders(manifest.folders)
  for (const [name, mode] of manifest.permissions) {
    // The pointer of a worktree that is somebody else's by now was taken away again.
    if (await checkout.has(name)) await checkout.permit(name, mode)
  }
  await checkout.permitFolders(manifest.folders)
}

interface Listed {
  readonly name: string
  readonly entry: Dirent<Buffer>
}

async function listFolder(checkout: RestoreFolder, folder: string): Promise<Listed[]> {
  const entries = await readdir(checkout.path(folder), { withFileTypes: true, encoding: 'buffer' })
  const all = entries.map((entry) => ({ entry, name: folder + entry.name.toString('latin1') }))
  return all.filter(({ name }) => name !== '.git')
}

/** As if everything below had been made under another umask; what the archive says of single ones comes afterwards. */
async function permitAsUnder(
  umask: number,
  checkout: RestoreFolder,
  listed: readonly Listed[],
): Promise<void> {
  for (const { name, entry } of listed) {
    if (entry.isFile()) {
      const { mode } = await lstat(checkout.path(name))
      await checkout.permit(name, ((mode & 0o100) === 0 ? 0o666 : 0o777) & ~umask)
    } else if (entry.isDirectory()) {
      await permitAsUnder(umask, checkout, await listFolder(checkout, `${name}/`))
      await checkout.permit(name, 0o777 & ~umask)
    }
  }
}

export interface CommitRequest extends FilesRequest {
  /** The workspace's own git dir, made a moment ago, and how git gets there. */
  readonly place: Pick<GitCall, 'configDir' | 'alternates' | 'config'> & { readonly gitDir: string }
}

/**
 * Of a checkout that was gone there is HEAD and what was staged: the files are checked out as git would. The index
 * stays as it was archived where an object that it names was lost.
 */
export async function restoreCommit(
  git: Git,
  { record }: Pick<OpenArchive, 'record'>,
  { place, workDir, staging, signal }: CommitRequest,
): Promise<void> {
  const { headCommit } = record
  if (headCommit === undefined) return
  const [index, archived] = [join(place.gitDir, 'index'), join(staging, 'archived.index')]
  const hasIndex = (await kindOf(index)) === 'file'
  if (hasIndex) await copyFile(index, archived)
  await git.run({ args: ['read-tree', '--reset', '-u', headCommit], ...place, workTree: workDir, signal })
  if (!hasIndex) return
  await copyFile(archived, index)
  const args = ['checkout-index', '--all', '--force', '--index', '--quiet']
  await git.run({ args, okCodes: [0, 1, 128], ...place, workTree: workDir, signal })
}

async function writeFolder(
  git: Git,
  { store, snapshot }: OpenArchive,
  { folder, workTree, staging, signal }: FilesRequestOf,
): Promise<void> {
  const call = {
    gitDir: store.gitDir,
    workTree,
    indexFile: join(staging, `${folder}.index`),
    config: RAW,
    signal,
  }
  await git.run({ ...call, args: ['read-tree', `${snapshot}:${folder}`] })
  await git.run({ ...call, args: ['checkout-index', '--all', '--force', '--quiet'] })
}

interface FilesRequestOf extends Omit<FilesRequest, 'workDir'> {
  readonly folder: 'files' | 'special'
  readonly workTree: string
}

/** Where a file of an archive is before it is in its place; undefined where the archive has none of the name. */
export function stagedFile(
  { manifest }: Pick<OpenArchive, 'manifest'>,
  staging: string,
  wanted: Pick<ArchiveManifest['special'][number], 'place' | 'name'>,
): string | undefined {
  const index = manifest.special.findIndex(
    ({ place, name }) => place === wanted.place && name === wanted.name,
  )
  return index < 0 ? undefined : join(staging, 'special', numbered(index))
}

/** As `writeNumbered` counts. */
function numbered(index: number): string {
  return `${Math.floor(index / 1000)}/${index % 1000}`
}
