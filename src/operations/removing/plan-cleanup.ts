import { isWorkspaceError, type WorkspaceError } from '../../errors/workspace-error.js'
import type { OnUnsavedWork } from '../../model/options.js'
import type { CleanupOptions, CleanupReport, UnsavedWork } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { WorkspaceKey } from '../../model/workspace-key.js'
import { hasUnsavedWork } from '../../preservation/unsaved-work.js'
import { isSameSession, type SessionIdentity } from '../../sessions/session-identity.js'
import { findCheckout } from '../archiving/archive-job.js'
import { assertOwnFolder } from '../assert-own-folder.js'
import { findStrategy } from '../find-strategy.js'
import { hasMovedAway } from '../looking/has-moved-away.js'
import { lookForUnsavedWork } from '../looking/look-for-work.js'
import { unsavedWorkError } from '../looking/unsaved-work-error.js'
import type { Services } from '../services.js'
import { withSession } from '../session-lock.js'
import { keptAsFailed, unsavedWorkPolicy } from './cleanup-rules.js'
import { reasonToKeep } from './reason-to-keep.js'

type Opinion = Omit<CleanupReport, 'key' | 'durationMs'>

/**
 * What a cleanup would do, by the same rules; nothing is changed, no event is emitted, and no remote is asked: what
 * was pushed since the last fetch still counts as unsaved. Whether all of the work can be archived only archiving
 * tells, which reads every object and every file.
 */
export async function planCleanup(
  services: Services,
  key: WorkspaceKey,
  options: CleanupOptions,
  only?: SessionIdentity,
): Promise<CleanupReport> {
  const startedAt = performance.now()
  const record = await services.store.read(key)
  const isTheirs = record !== undefined && only !== undefined && !isSameSession(record, only)
  const opinion = record === undefined || isTheirs ? ABSENT : await decide(services, record, options)
  return { key, ...opinion, durationMs: Math.round(performance.now() - startedAt) }
}

const ABSENT: Opinion = { action: 'absent', reason: 'there is no such workspace' }

async function decide(services: Services, record: SessionRecord, options: CleanupOptions): Promise<Opinion> {
  const { state } = record
  const outcome = state === 'ready' ? (options.outcome ?? record.outcome) : record.outcome
  if (state === 'reserved' || state === 'preparing')
    return { action: 'removed', reason: 'its prepare never ended' }
  if (await hasMovedAway(record))
    return { action: 'removed', reason: 'its removal has begun, and never ended' }
  const kept = keptAsFailed(services, { state, outcome }, options)
  if (kept !== undefined) return kept
  return withSession(services, record, options.signal, (signal) =>
    decideByContent(services, record, { ...options, signal }),
  )
}

async function decideByContent(
  services: Services,
  record: SessionRecord,
  options: CleanupOptions,
): Promise<Opinion> {
  await assertOwnFolder(services.settings.root, record)
  const strategy = findStrategy(services, record.strategy)
  const forbidden = await reasonToKeep(record, strategy)
  if (forbidden !== undefined) return { action: 'kept', reason: forbidden }
  if (!strategy.traits.ownsDirectory) return { action: 'kept', reason: 'caller-owned' }
  const policy = unsavedWorkPolicy(services, record, options)
  const look = { services, record, strategy, remote: 'as last seen', signal: options.signal } as const
  const work = await lookForUnsavedWork(look)
  const unsavedWork = hasUnsavedWork(work) ? work : undefined
  const problem = unsavedWork && (await problemOf(record, policy, unsavedWork))
  const doubt = unsavedWork && policy !== 'discard' ? doubtOf(record) : ''
  if (problem !== undefined)
    return { action: 'kept', reason: problem.message + doubt, error: problem.code, unsavedWork }
  return { action: 'removed', reason: reasonFor(policy, options.keep, unsavedWork) + doubt, unsavedWork }
}

/** A cleanup completes first what a plan leaves as it is. */
function doubtOf({ refreshing }: SessionRecord): string {
  return refreshing === undefined
    ? ''
    : '; less may be unsaved once its refresh, which was killed, is completed'
}

/** What the cleanup would end with, as far as it is known before anything is archived. */
async function problemOf(
  record: SessionRecord,
  policy: OnUnsavedWork,
  work: UnsavedWork,
): Promise<WorkspaceError | undefined> {
  if (policy === 'refuse') return unsavedWorkError(record, work)
  if (policy === 'discard') return undefined
  try {
    await findCheckout(record)
    return undefined
  } catch (error) {
    if (isWorkspaceError(error) && error.code === 'ARCHIVE_FAILED') return error
    throw error
  }
}

function reasonFor(
  policy: OnUnsavedWork,
  keep: CleanupOptions['keep'],
  unsavedWork: CleanupReport['unsavedWork'],
): string {
  const what = keep === 'artifacts' ? 'its checkout goes; output and logs are kept' : 'it goes'
  if (unsavedWork === undefined) return what
  if (policy === 'discard') return `${what}, and its unsaved work with it`
  const [unread] = unsavedWork.unknown
  return unread === undefined
    ? `${what}; its unsaved work is archived`
    : `${what} if its unsaved work can be archived, and else stays as it is: ${unread}`
}
