import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '../git/git.js'
import { writeCuts } from '../git/shallow-file.js'
import { withTrustedView } from '../git/trusted-view.js'
import { copyInFile } from './archive-base.js'
import { listedCuts, missingParents, type ObjectPlace } from './archive-source.js'
import type { OpenArchive } from './restore-archive.js'
import { stagedFile } from './restore-files.js'
import { AS_PARTIAL, reaches, restoreBase } from './restore-objects.js'

export interface HistoryRequest {
  /** A clone that was made a moment ago. */
  readonly gitDir: string
  /** `own`: it may have less than the repository that it was made from. */
  readonly objects: 'own' | 'borrowed'
  /** Where the archive's files are, before they are in their places. */
  readonly staging: string
  readonly scratchDir: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Has the history of a shallow clone end where that of the archived one did: an agent may have fetched more of it than a
 * new clone of the same depth has. What objects of its own lack for that is copied from the archive.
 */
export async function restoreHistory(git: Git, archive: OpenArchive, request: HistoryRequest): Promise<void> {
  const { gitDir, objects, staging, scratchDir, signal } = request
  const made = await listedCuts(join(gitDir, 'shallow'))
  if (made.length === 0) return
  const staged = stagedFile(archive, staging, { place: 'git dir', name: 'shallow' })
  const archived = staged === undefined ? [] : await listedCuts(staged)
  const { objectFormat } = archive.store
  const view = { scratchDir, workTree: scratchDir, objectFormat, alternates: [join(gitDir, 'objects')] }
  if (objects === 'own')
    await withTrustedView(view, async (trusted) => {
      await writeCuts(trusted.gitDir, archived)
      if (!(await reachesAll(git, archive, trusted, signal)))
        await restoreBase(archive, join(gitDir, 'objects'), copyInFile)
    })
  const needed = await withTrustedView(view, (trusted) => missingParents(git, trusted, made, signal))
  await rm(join(gitDir, 'shallow'))
  if (needed.length > 0) await writeCuts(gitDir, needed)
}

async function reachesAll(
  git: Git,
  { record, refs }: OpenArchive,
  { gitDir, alternates }: ObjectPlace,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { base } = record.workspace
  // The files are not among the clone's objects.
  const snapshot = refs.get(`refs/archives/${record.archiveId}/snapshot`)
  const tips = [...refs.values(), ...(base === undefined ? [] : [base.commit])].filter(
    (oid) => oid !== snapshot,
  )
  return reaches(git, { gitDir, alternates, config: AS_PARTIAL }, { tips, signal })
}
