import { IntegrityError } from '../errors/workspace-error.js'
import type { Git } from '../git/git.js'
import { type ArchiveManifest, parseManifest } from '../model/archive-manifest.js'
import type { ArchiveRecord } from '../model/archive-record.js'
import { refFolder } from './archive-refs.js'
import { type ArchiveStore, findArchiveStore } from './archive-store.js'

/** An archive as it is read for a restore. */
export interface OpenArchive {
  readonly store: ArchiveStore
  readonly record: ArchiveRecord
  readonly manifest: ArchiveManifest
  /** The commit with the files. */
  readonly snapshot: string
  /** Every ref of the archive, with its object. */
  readonly refs: ReadonlyMap<string, string>
}

const MAX_MANIFEST_BYTES = 1 << 30

/** @throws IntegrityError WORKSPACE_MISSING where the archive's objects are gone, RECORD_CORRUPT where they are odd. */
export async function openArchive(
  git: Git,
  gitDir: string,
  record: ArchiveRecord,
  signal?: AbortSignal,
): Promise<OpenArchive> {
  const store = await findArchiveStore(gitDir)
  const folder = refFolder(record.archiveId)
  const refs =
    store === undefined ? new Map<string, string>() : await readArchiveRefs(git, gitDir, folder, signal)
  const snapshot = refs.get(`${folder}/snapshot`)
  if (store === undefined || snapshot === undefined) throw lost(record, gitDir)
  const { stdout, code } = await git.run({
    args: ['cat-file', 'blob', `${snapshot}:manifest.json`],
    gitDir,
    maxOutputBytes: MAX_MANIFEST_BYTES,
    okCodes: [0, 128],
    signal,
  })
  if (code !== 0) throw lost(record, gitDir)
  return { store, record, snapshot, refs, manifest: parseManifest(stdout, record.archiveId) }
}

async function readArchiveRefs(
  git: Git,
  gitDir: string,
  folder: string,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', `${folder}/`]
  const { stdout } = await git.run({ args, gitDir, signal })
  const lines = stdout.split('\n').map((line) => /^(\S+) (.+)$/.exec(line))
  return new Map(lines.flatMap((line) => (line ? [[line[2] ?? '', line[1] ?? ''] as const] : [])))
}

function lost({ archiveId, envId }: ArchiveRecord, gitDir: string): IntegrityError {
  const message = `the archive "${archiveId}" has a record, and its objects are gone`
  return new IntegrityError('WORKSPACE_MISSING', message, {
    data: { field: 'archiveId', archiveId, envId, path: gitDir },
    hint: 'Put archives.git back from a backup; without it there is nothing to restore from.',
  })
}
