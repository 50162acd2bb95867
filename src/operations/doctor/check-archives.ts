import { join } from 'node:path'
import { IntegrityError } from '../../errors/workspace-error.js'
import { kindOf } from '../../fs/presence.js'
import { readRefs } from '../../git/agent-git-dir.js'
import { writeCuts } from '../../git/shallow-file.js'
import { withTrustedView } from '../../git/trusted-view.js'
import { lostObjects } from '../../mirror/lost-objects.js'
import type { ArchiveRecord } from '../../model/archive-record.js'
import { environmentLayout } from '../../model/layout.js'
import { describeKey } from '../../model/workspace-key.js'
import { refFolder } from '../../preservation/archive-refs.js'
import { findArchiveStore } from '../../preservation/archive-store.js'
import { openArchive } from '../../preservation/restore-archive.js'
import { lookAtArchives } from '../list-archives.js'
import type { Services } from '../services.js'
import { type Diagnosis, inEachEnvironment, problem } from './finding.js'

/** Whether what the records of archives name is there: nobody else has it, and a restore would be the first to miss it. */
export function checkArchives(
  services: Services,
  envIds: readonly string[],
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  return inEachEnvironment('archives', envIds, (envId) => checkOne(services, envId, signal))
}

/** A sweep may delete one while it is looked at: what a second look finds as well is gone. */
async function checkOne(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const found = await lookAtOne(services, envId, signal)
  return found.length === 0 ? [] : lookAtOne(services, envId, signal)
}

async function lookAtOne(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const { archives } = await lookAtArchives(services, envId)
  if (archives.length === 0) return []
  const { archivesRepository: path } = environmentLayout(services.settings.root, envId)
  const base = { check: 'archives', path, key: { envId } } as const
  const gone = await withoutRef(path, archives)
  const lost = gone.length < archives.length ? await lostFrom(services, { envId, archives, signal }) : []
  return [
    ...(gone.length > 0
      ? [problem(base, `${namesOf(gone)} cannot be restored, since the content is gone; ${HELP}`, 'look')]
      : []),
    ...(lost.length > 0
      ? [problem(base, `objects of archives are gone (${oneOf(lost)}); ${HELP}`, 'look')]
      : []),
  ]
}

const HELP = 'put the folder back from a backup'

async function withoutRef(gitDir: string, archives: readonly ArchiveRecord[]): Promise<ArchiveRecord[]> {
  if ((await kindOf(gitDir)) === 'absent') return [...archives]
  const refs = await archivedRefs(gitDir)
  return archives.filter(({ archiveId }) => !refs.has(`${refFolder(archiveId)}/snapshot`))
}

interface Asked {
  readonly envId: string
  readonly archives: readonly ArchiveRecord[]
  readonly signal: AbortSignal
}

/** A history may end in an archive, as it did in the workspace: what is beyond its cuts was never there. */
async function lostFrom({ git, settings }: Services, asked: Asked): Promise<string[]> {
  const { archivesRepository: gitDir, scratchDir } = environmentLayout(settings.root, asked.envId)
  const place = { git, mirrorDir: gitDir, signal: asked.signal }
  const lost = await lostObjects(place)
  // Only what git misses needs the cuts: to read them is two calls for each archive.
  if (lost.length === 0) return []
  const [cuts, store] = [await cutsOf(git, gitDir, asked), await findArchiveStore(gitDir)]
  if (cuts.length === 0 || store === undefined) return lost
  const tips = [...new Set((await archivedRefs(gitDir)).values())]
  const alternates = [join(gitDir, 'objects')]
  const view = { scratchDir, workTree: scratchDir, objectFormat: store.objectFormat, alternates }
  return withTrustedView(view, async (trusted) => {
    await writeCuts(trusted.gitDir, cuts)
    return lostObjects({ ...place, walk: { gitDir: trusted.gitDir, alternates, tips } })
  })
}

async function cutsOf(git: Services['git'], gitDir: string, { archives, signal }: Asked): Promise<string[]> {
  const cuts = new Set<string>()
  for (const record of archives) {
    try {
      for (const cut of (await openArchive(git, gitDir, record, signal)).manifest.cuts) cuts.add(cut)
    } catch (error) {
      // One that has lost its manifest says nothing of cuts, and is met by the walk.
      if (!(error instanceof IntegrityError)) throw error
    }
  }
  return [...cuts]
}

function archivedRefs(gitDir: string): Promise<Map<string, string>> {
  return readRefs({ gitDir, commonDir: gitDir }, ['refs/archives/'])
}

function namesOf(archives: readonly ArchiveRecord[]): string {
  return oneOf(archives.map((archive) => `the archive ${archive.archiveId} of ${describeKey(archive)}`))
}

/** There may be hundreds. */
function oneOf([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first}, and ${others.length} more`
}
