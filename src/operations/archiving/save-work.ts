import { sessionFacts } from '../../events/event-map.js'
import type { ArchiveRecord } from '../../model/archive-record.js'
import type { OnUnsavedWork } from '../../model/options.js'
import type { CleanupOptions, UnsavedWork } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import { hasUnsavedWork } from '../../preservation/unsaved-work.js'
import type { Strategy } from '../../strategies/strategy.js'
import { lookForUnsavedWork } from '../looking/look-for-work.js'
import { unsavedWorkError } from '../looking/unsaved-work-error.js'
import type { Services } from '../services.js'
import { archiveWorkspace } from './archive-workspace.js'

export interface SaveRequest extends Pick<CleanupOptions, 'includeIgnored' | 'signal'> {
  readonly record: SessionRecord
  readonly strategy: Strategy
  readonly policy: OnUnsavedWork
}

/**
 * Looks for what exists only in this workspace, and does with it as the policy says.
 *
 * @returns the archive, where one was made.
 * @throws IntegrityError UNSAVED_WORK, where the policy is to refuse; ARCHIVE_FAILED. Nothing was touched then.
 */
export async function saveWork(services: Services, request: SaveRequest): Promise<ArchiveRecord | undefined> {
  const { record, strategy, policy, includeIgnored, signal } = request
  if (!strategy.traits.ownsDirectory || policy === 'discard') return undefined
  await services.beforeStep('cleanup', 'look')
  const work = await lookForUnsavedWork({ services, record, strategy, signal })
  if (policy === 'refuse' && hasUnsavedWork(work)) throw unsavedWorkError(record, work)
  if (policy === 'refuse' || !isToBeArchived(work, includeIgnored)) return undefined
  await services.beforeStep('cleanup', 'archive')
  const archive = await archiveWorkspace(services, { record, strategy, work, includeIgnored, signal })
  services.events.emit('cleanup.archived', sessionFacts(record), { archiveId: archive.archiveId })
  return archive
}

/** Ignored files are no unsaved work, but the caller may want them all the same. */
function isToBeArchived(work: UnsavedWork, includeIgnored: CleanupOptions['includeIgnored']): boolean {
  return hasUnsavedWork(work) || (includeIgnored !== undefined && work.ignored.files > 0)
}
