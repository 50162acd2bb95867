import type { CleanupOptions, CleanupReport } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { Services } from '../services.js'

type Asked = Pick<CleanupOptions, 'keepFailed' | 'onUnsavedWork'>

/** The verdict over a failed task that is kept for whoever looks into it; undefined where it may go. */
export function keptAsFailed(
  { settings }: Services,
  { state, outcome }: Pick<SessionRecord, 'state' | 'outcome'>,
  asked: Asked,
): Pick<CleanupReport, 'action' | 'reason'> | undefined {
  const keepFailed = asked.keepFailed ?? settings.retention.keepFailed
  if (state === 'removing' || outcome !== 'failed' || !keepFailed) return undefined
  return { action: 'kept', reason: 'the task failed, and failed tasks are kept for debugging' }
}

/** What becomes of unsaved work: as asked now, as a removal that has begun was asked, or as the manager has it. */
export function unsavedWorkPolicy(
  { settings }: Services,
  { removal }: Pick<SessionRecord, 'removal'>,
  asked: Asked,
): NonNullable<CleanupOptions['onUnsavedWork']> {
  return asked.onUnsavedWork ?? removal?.policy ?? settings.onUnsavedWork
}
