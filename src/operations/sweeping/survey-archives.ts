import { namesIn } from '../../fs/presence.js'
import { environmentLayout } from '../../model/layout.js'
import { sessionKey } from '../../model/workspace-key.js'
import type { ArchiveFinding, LeftoverFinding, UnreadableFinding } from '../../retention/findings.js'
import { archiveFile } from '../archiving/archive-folder.js'
import { findArchiveLeftovers } from '../archiving/archive-leftovers.js'
import { lookAtArchives } from '../list-archives.js'
import type { Services } from '../services.js'

/** The archives of one environment, and what is left of those that were never completed. */
export async function surveyArchives(
  services: Services,
  envId: string,
): Promise<(ArchiveFinding | LeftoverFinding | UnreadableFinding)[]> {
  const { archivesDir } = environmentLayout(services.settings.root, envId)
  if ((await namesIn(archivesDir)).length === 0) return []
  const found = await lookAtArchives(services, envId)
  const archives = found.archives.map(
    (record): ArchiveFinding => ({
      kind: 'archive',
      path: archiveFile(services, envId, record.archiveId),
      key: sessionKey(record),
      archiveId: record.archiveId,
      createdAt: record.createdAt,
      bytes: record.bytes,
    }),
  )
  const unreadable = found.unreadable.map(
    ({ path, key, cause }): UnreadableFinding => ({
      ...{ kind: 'unreadable record', path, key, cause },
      of: 'archive',
    }),
  )
  const halves = (await findArchiveLeftovers(services, envId)).map(
    ({ path, maker }): LeftoverFinding => ({
      ...{ kind: 'leftover', path, maker, envId },
      what: 'archive that was never completed',
    }),
  )
  return [...archives, ...unreadable, ...halves]
}
