import { lstat } from 'node:fs/promises'
import { type ArchiveManifest, MANIFEST_FORMAT, writeManifest } from '../model/archive-manifest.js'
import type { WorkCounts } from '../model/archive-record.js'
import type { ObjectFormat } from '../model/object-format.js'
import { type Baseline, NO_BASELINE } from './archive-baseline.js'
import { type Beside, collectBeside } from './archive-beside.js'
import {
  type CollectRequest,
  collectFolder,
  collectGitDir,
  type GitDirFiles,
  type GitDirRequest,
  type PlacedFile,
} from './archive-git-dir.js'
import { PackWriter } from './archive-pack-writer.js'
import { type TreeEntry, writeNumbered, writeTree } from './archive-tree.js'
import { type Walked, walk } from './archive-walk.js'
import type { BesidePlace } from './beside.js'
import { HoleBudget } from './hole-budget.js'

export interface SnapshotRequest {
  /** Where the pack is written; nothing has this name yet. */
  readonly file: string
  readonly format: ObjectFormat
  readonly title: string
  readonly now: Date
  readonly workDir: string
  readonly files: ArchiveManifest['files']
  readonly baseline: Baseline
  /** Names right in the checkout that are none of the agent's files. */
  readonly leaveOut: readonly string[]
  /** Absent for a plain folder. */
  readonly repository?: GitDirRequest | undefined
  readonly beside: BesidePlace
  /** Where the task's `.agent_context` is. */
  readonly contextDir?: string | undefined
  readonly refs: ArchiveManifest['refs']
  readonly stashes: ArchiveManifest['stashes']
  readonly cuts: ArchiveManifest['cuts']
  /** Objects without a name of their own that must stay; they are in the store already. */
  readonly kept: readonly string[]
  readonly umask: number
  readonly signal?: AbortSignal | undefined
}

export interface Snapshot {
  readonly commit: string
  /** What cannot be archived, as names with one character for each byte. */
  readonly skipped: readonly string[]
  /** Files that the base has otherwise, and those that it has not: all that can be told where there is no repository. */
  readonly files: Pick<WorkCounts, 'unstaged' | 'untracked'>
}

/**
 * Writes a pack with one commit: changed and untracked files under `files/`, what cannot stand under its own name
 * under `special/`, and `manifest.json` with everything else that a restore needs.
 */
export async function writeSnapshot(request: SnapshotRequest): Promise<Snapshot> {
  const writer = await PackWriter.create(request.file, request.format)
  try {
    const { format, umask, signal } = request
    const collect = { writer, format, holes: new HoleBudget(), umask, signal }
    const walked = await walkCheckout(collect, request)
    const beside = await collectBeside(request.beside, collect)
    const gitDir = request.repository && (await collectGitDir(request.repository, collect))
    const special: PlacedFile[] = [
      ...(walked?.special ?? []).map((file) => ({ ...file, place: 'checkout' as const })),
      ...(gitDir?.files ?? []),
      ...(request.contextDir === undefined
        ? []
        : await collectFolder(request.contextDir, 'context', collect)),
      ...beside.files,
    ]
    const commit = await writeCommit(writer, request, { walked, special, beside, gitDir })
    await writer.finish()
    const inGitDir = (gitDir?.skipped ?? []).map((name) => `.git/${name}`)
    const skipped = [...(walked?.skipped ?? []), ...inGitDir, ...beside.skipped]
    return { commit, skipped, files: countFiles(request.baseline, walked, beside) }
  } finally {
    await writer.close()
  }
}

function countFiles({ changed }: Baseline, walked: Walked | undefined, beside: Beside): Snapshot['files'] {
  const gone = walked === undefined ? [] : [...changed].filter((name) => !walked.seen.has(name))
  return {
    unstaged: gone.length + (walked?.written.changed ?? 0),
    untracked: beside.files.length + (walked?.written.others ?? 0),
  }
}

async function walkCheckout(
  collect: CollectRequest,
  { files, workDir: directory, baseline, leaveOut }: SnapshotRequest,
): Promise<Walked | undefined> {
  if (files === 'gone') return undefined
  const walked = await walk({ ...collect, directory, baseline, leaveOut, place: 'plain' })
  // Its own folder: whoever restores it has to write into it.
  walked.folders.set('/', ((await lstat(directory)).mode & 0o7777) | 0o700)
  return walked
}

interface Written {
  readonly walked: Walked | undefined
  readonly special: readonly PlacedFile[]
  readonly beside: Beside
  readonly gitDir: GitDirFiles | undefined
}

async function writeCommit(writer: PackWriter, request: SnapshotRequest, written: Written): Promise<string> {
  const { walked, special } = written
  const manifest = Buffer.from(writeManifest(manifestOf(request, written)))
  const numbered = await writeNumbered(writer, special)
  const kept = await writeNumbered(
    writer,
    request.kept.map((oid) => ({ mode: '100644', oid })),
  )
  const entries: (TreeEntry | undefined)[] = [
    { mode: '100644', name: 'manifest.json', oid: await writer.add(writer.pack('blob', manifest)) },
    folder('files', walked?.tree),
    folder('special', numbered.tree),
    folder('kept', kept.tree),
  ]
  const tree = await writeTree(
    writer,
    entries.filter((entry) => entry !== undefined),
  )
  const who = `git-task-isolation <git-task-isolation@localhost> ${Math.floor(request.now.getTime() / 1000)} +0000`
  const text = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\n${request.title}\n`
  return writer.add(writer.pack('commit', Buffer.from(text)))
}

function manifestOf(
  { files, baseline, refs, stashes, cuts, umask }: SnapshotRequest,
  { walked, special, beside, gitDir }: Written,
): ArchiveManifest {
  const { changed, submodules } = files === 'gone' ? NO_BASELINE : baseline
  const isGone = (name: string) => walked?.seen.has(name) !== true
  return {
    formatVersion: MANIFEST_FORMAT,
    files,
    // Where the files were gone they are checked out as git would.
    ...(files === 'present' && { base: 'as committed' }),
    deleted: [...changed, ...submodules].filter(isGone),
    umask,
    permissions: [...(walked?.permissions ?? [])],
    folders: [...(walked?.folders ?? [])],
    besideFolders: beside.folders,
    gitDirFolders: gitDir?.folders ?? [],
    special: special.map(({ place, path, permissions }) => ({
      place,
      name: path,
      ...(permissions === undefined ? {} : { mode: permissions }),
    })),
    refs,
    cuts,
    stashes,
  }
}

function folder(name: string, oid: string | undefined): TreeEntry | undefined {
  return oid === undefined ? undefined : { mode: '40000', name, oid }
}
