import { namesIn } from '../../fs/presence.js'
import { environmentLayout } from '../../model/layout.js'
import { sessionKey } from '../../model/workspace-key.js'
import type { ArchiveFinding, LeftoverFinding } from '../../retention/findings.js'
import { archiveFile } from '../archiving/archive-folder.js'
import { findArchiveLeftovers } from '../archiving/archive-leftovers.js'
import { listArchives } from '../list-archives.js'
import type { Services } from '../services.js'

/** The archives of one environment, and what is left of those that were never completed. */
export async function surveyArchives(
  services: Services,
  envId: string,
): Promise<(ArchiveFinding | LeftoverFinding)[]> {
  const { archivesDir } = environmentLayout(services.settings.root, envId)
  if ((await namesIn(archivesDir)).length === 0) return []
  const records = await listArchives(services, { envId })
  const archives = records.map(
    (record): ArchiveFinding => ({
      kind: 'archive',
      path: archiveFile(services, envId, record.archiveId),
      key: sessionKey(record),
      archiveId: record.archiveId,
      createdAt: record.createdAt,
      bytes: record.bytes,
    }),
  )
  const halves = (await findArchiveLeftovers(services, envId)).map(
    ({ path, maker }): LeftoverFinding => ({
      ...{ kind: 'leftover', path, maker, envId },
      what: 'archive that was never completed',
    }),
  )
  return [...archives, ...halves]
}
