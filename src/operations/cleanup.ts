import { isWorkspaceError } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { isPresent, kindOf } from '../fs/presence.js'
import { environmentLayout, taskLayout } from '../model/layout.js'
import type { CleanupOptions, CleanupReport } from '../model/reports.js'
import type { SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import { registrationName, registrationPath } from '../strategies/worktree-registration.js'
import { environmentExists } from './environment-folder.js'
import { findStrategy } from './find-strategy.js'
import { finishLocked } from './finish.js'
import { readSession } from './read-session.js'
import { recoverSession } from './recover.js'
import { refuseToLose } from './refuse-to-lose.js'
import { removeWorkspace } from './remove-workspace.js'
import type { Services } from './services.js'
import { withSession } from './session-lock.js'

type Verdict = Pick<CleanupReport, 'action' | 'reason' | 'branch' | 'freedBytes'>

/** Removes a workspace unless policy keeps it. Idempotent: what is gone is reported as absent. */
export async function cleanup(
  services: Services,
  key: WorkspaceKey,
  options: CleanupOptions,
): Promise<CleanupReport> {
  const startedAt = performance.now()
  // Nothing is made, not even a lock, where nothing ever was.
  if (!(await environmentExists(services, key.envId))) return report(key, startedAt, absent())
  return withSession(services, key, options.signal, (signal) =>
    cleanupLocked(services, key, { ...options, signal }),
  )
}

/** The same for a caller that holds the session's lock. */
export async function cleanupLocked(
  services: Services,
  key: WorkspaceKey,
  options: CleanupOptions,
): Promise<CleanupReport> {
  const startedAt = performance.now()
  const record = await recordToRemove(services, key, options)
  if (record === undefined) return report(key, startedAt, await withoutRecord(services, key))
  services.events.emit('cleanup.started', sessionFacts(record), { outcome: record.outcome })
  try {
    const verdict = await decideAndRemove(services, record, options)
    const done = report(key, startedAt, verdict)
    services.events.emit('cleanup.completed', sessionFacts(record), done)
    return done
  } catch (error) {
    services.events.emit('cleanup.failed', sessionFacts(record), {
      code: isWorkspaceError(error) ? error.code : undefined,
      message: error instanceof Error ? error.message : String(error),
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
  options: CleanupOptions,
): Promise<Verdict> {
  const { state, removal } = record
  if (state === 'reserved' || state === 'preparing') {
    const { freedBytes } = await recoverSession(services, record)
    return { action: 'removed', reason: 'its prepare never ended; what it had made is gone', freedBytes }
  }
  const keep = options.keep ?? removal?.keep ?? 'nothing'
  if (state === 'removing' && (await kindOf(record.workDir)) === 'absent') {
    const asked = { policy: removal?.policy ?? 'archive', keep }
    const { branch, freedBytes } = await recoverSession(services, { ...record, removal: asked })
    return { action: 'removed', reason: 'a removal that had begun earlier was completed', branch, freedBytes }
  }
  const keepFailed = options.keepFailed ?? services.settings.retention.keepFailed
  if (state !== 'removing' && record.outcome === 'failed' && keepFailed) {
    return { action: 'kept', reason: 'the task failed, and failed tasks are kept for debugging' }
  }
  const strategy = findStrategy(services, record.strategy)
  const policy = options.onUnsavedWork ?? removal?.policy ?? services.settings.onUnsavedWork
  if (strategy.traits.ownsDirectory && policy !== 'discard') {
    await refuseToLose(services, record, strategy, options.signal)
  }
  const removed = await removeWorkspace(services, {
    record,
    strategy,
    policy,
    keep,
  })
  if (!strategy.traits.ownsDirectory) return { action: 'kept', reason: 'caller-owned' }
  const reason = keep === 'artifacts' ? 'removed; output and logs are kept' : 'removed'
  return { action: 'removed', reason, ...removed }
}

/** A folder that no record knows may hold anything: it is named, and left alone. */
async function withoutRecord({ settings }: Services, key: WorkspaceKey): Promise<Verdict> {
  const { workDir } = taskLayout(settings.root, key)
  const { mirrorDir } = environmentLayout(settings.root, key.envId)
  const registration = registrationPath(mirrorDir, registrationName(workDir))
  for (const [what, path] of [['checkout', workDir] as const, ['registration', registration] as const]) {
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
