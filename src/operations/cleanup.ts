import { messageOf } from '../errors/message-of.js'
import { isWorkspaceError } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { isPresent, kindOf } from '../fs/presence.js'
import { environmentLayout, taskLayout } from '../model/layout.js'
import type { CleanupOptions, CleanupReport } from '../model/reports.js'
import type { SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import { isSameSession, type SessionIdentity } from '../sessions/session-identity.js'
import { registrationName, registrationPath } from '../strategies/worktree-registration.js'
import { saveWork } from './archiving/save-work.js'
import { assertOwnFolder } from './assert-own-folder.js'
import { completeRefreshIfPossible } from './complete-refresh.js'
import { environmentExists } from './environment-folder.js'
import { findStrategy } from './find-strategy.js'
import { finishLocked } from './finish.js'
import { hasMovedAway } from './looking/has-moved-away.js'
import { readSession } from './read-session.js'
import { recoverSession } from './recover.js'
import { keptAsFailed, unsavedWorkPolicy } from './removing/cleanup-rules.js'
import { type Counting, describeLeft } from './removing/count-freed.js'
import { reasonToKeep } from './removing/reason-to-keep.js'
import { type Removed, removeWorkspace } from './removing/remove-workspace.js'
import type { Keep } from './removing/task-trash.js'
import { warnOfProcesses } from './removing/warn-of-processes.js'
import type { Services } from './services.js'
import { withSession } from './session-lock.js'
import { callersRepository } from './sweeping/survey-orphans.js'

const ONLY_THE_REST = 'its folder was gone already; what else there was of it was removed'

type Verdict = Omit<CleanupReport, 'key' | 'durationMs'>

/**
 * Removes a workspace unless policy keeps it. Idempotent: what is gone is reported as absent. With `only` a record of
 * another session with the same key counts as none, and is left alone.
 */
export async function cleanup(
  services: Services,
  key: WorkspaceKey,
  options: CleanupOptions,
  only?: SessionIdentity,
): Promise<CleanupReport> {
  const startedAt = performance.now()
  // Nothing is made, not even a lock, where nothing ever was.
  if (!(await environmentExists(services, key.envId))) return report(key, startedAt, absent())
  return withSession(services, key, options.signal, async (signal) => {
    const record = only && (await readSession(services, key))
    if (record && !isSameSession(record, only)) return report(key, startedAt, absent())
    return cleanupLocked(services, key, { ...options, signal }, 'few files only')
  })
}

/** The same for a caller that holds the session's lock. */
export async function cleanupLocked(
  services: Services,
  key: WorkspaceKey,
  options: CleanupOptions,
  counting: Counting = 'all',
): Promise<CleanupReport> {
  const startedAt = performance.now()
  const record = await recordToRemove(services, key, options)
  if (record === undefined) return report(key, startedAt, await withoutRecord(services, key))
  services.events.emit('cleanup.started', sessionFacts(record), { outcome: record.outcome })
  try {
    const verdict = await decideAndRemove(services, record, { ...options, counting })
    const done = report(key, startedAt, verdict)
    const { action, reason, freedBytes, durationMs } = done
    services.events.emit('cleanup.completed', sessionFacts(record), {
      action,
      reason,
      freedBytes,
      durationMs,
    })
    return done
  } catch (error) {
    services.events.emit('cleanup.failed', sessionFacts(record), {
      code: isWorkspaceError(error) ? error.code : undefined,
      message: messageOf(error),
    })
    throw error
  }
}

async function recordToRemove(
  services: Services,
  key: WorkspaceKey,
  { outcome }: CleanupOptions,
): Promise<SessionRecord | undefined> {
  const record = await readSession(services, key)
  if (record === undefined || outcome === undefined || record.state !== 'ready') return record
  return finishLocked(services, key, outcome)
}

async function decideAndRemove(
  services: Services,
  record: SessionRecord,
  options: CleanupOptions & { readonly counting: Counting },
): Promise<Verdict> {
  const { state, removal } = record
  if (state === 'reserved' || state === 'preparing') {
    const undone = await recoverSession(services, record)
    return removedOr(undone, { reason: 'its prepare never ended; what it had made is gone' })
  }
  const keep = options.keep ?? removal?.keep ?? 'nothing'
  if (await hasMovedAway(record)) {
    const asked = { ...removal, policy: removal?.policy ?? 'archive', keep }
    const done = await recoverSession(services, { ...record, removal: asked })
    return removedOr(done, {
      reason: 'a removal that had begun earlier was completed',
      archive: done.archive,
    })
  }
  const kept = keptAsFailed(services, record, options)
  return kept ?? removeUnlessForbidden(services, record, { ...options, keep })
}

interface RemovalOptions extends Omit<CleanupOptions, 'keep'> {
  readonly counting: Counting
  readonly keep: Keep
}

async function removeUnlessForbidden(
  services: Services,
  found: SessionRecord,
  options: RemovalOptions,
): Promise<Verdict> {
  await assertOwnFolder(services.settings.root, found)
  const strategy = findStrategy(services, found.strategy)
  const forbidden = await reasonToKeep(found, strategy)
  if (forbidden !== undefined) return { action: 'kept', reason: forbidden }
  const wasGone = (await kindOf(found.rootDir)) === 'absent'
  const policy = unsavedWorkPolicy(services, found, options)
  // Else upstream's half written files would be taken for the agent's changes.
  const record =
    policy === 'discard' ? found : await completeRefreshIfPossible(services, found, options.signal)
  const archive = await saveWork(services, { ...options, record, strategy, policy })
  await warnOfProcesses(services, record)
  const { keep, counting } = options
  const archiveId = archive?.archiveId
  const removed = await removeWorkspace(services, { record, strategy, policy, keep, archiveId, counting })
  if (!strategy.traits.ownsDirectory) return { action: 'kept', reason: 'caller-owned' }
  const reason = keep === 'artifacts' ? 'removed; output and logs are kept' : 'removed'
  const verdict = removedOr(removed, { reason, archive })
  const isDone = verdict.action === 'removed'
  return wasGone && isDone ? { ...verdict, action: 'absent', reason: ONLY_THE_REST } : verdict
}

/** What could not be deleted is not reported as removed, though it is in nobody's way. */
function removedOr(
  { left, freedBytes, trash, branch }: Removed,
  told: Pick<Verdict, 'reason' | 'archive'>,
): Verdict {
  const done = { ...told, freedBytes, trash, branch }
  if (left.length === 0) return { action: 'removed', ...done }
  return { ...done, action: 'kept', reason: describeLeft(left), error: 'ROLLBACK_INCOMPLETE' }
}

/** A folder that no record knows may hold anything: it is named, and left alone. */
async function withoutRecord(services: Services, key: WorkspaceKey): Promise<Verdict> {
  const { root } = services.settings
  const { workDir } = taskLayout(root, key)
  const { mirrorDir } = environmentLayout(root, key.envId)
  const callers = await callersRepository(services, key.envId)
  const repositories = callers === undefined ? [mirrorDir] : [mirrorDir, callers]
  const registrations = repositories.map((gitDir) => registrationPath(gitDir, registrationName(workDir)))
  for (const path of [workDir, ...registrations]) {
    const what = path === workDir ? 'checkout' : 'registration'
    if (await isPresent(path))
      return { action: 'absent', reason: `there is no record of it; the ${what} at ${path} was left alone` }
  }
  return absent()
}

function absent(): Verdict {
  return { action: 'absent', reason: 'there is no such workspace' }
}

function report(key: WorkspaceKey, startedAt: number, verdict: Verdict): CleanupReport {
  return { key, ...verdict, durationMs: Math.round(performance.now() - startedAt) }
}
