import { IntegrityError } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { taskLayout } from '../model/layout.js'
import { type Outcome, SESSION_FORMAT, type SessionRecord } from '../model/session-record.js'
import { describeKey, type WorkspaceKey } from '../model/workspace-key.js'
import { currentOwner } from '../sessions/owner.js'
import { environmentExists } from './environment-folder.js'
import type { Services } from './services.js'
import { withSession } from './session-lock.js'

/**
 * Records how a task ended and releases its reservation; the workspace stays. The first outcome counts. In an
 * environment that exists a session that is gone is no error: a late callback may come after the cleanup.
 *
 * @throws IntegrityError WORKSPACE_MISSING where the environment has never been used.
 */
export async function finish(
  services: Services,
  key: WorkspaceKey,
  outcome: Outcome,
  signal: AbortSignal | undefined,
): Promise<SessionRecord> {
  if (!(await environmentExists(services, key.envId))) throw noSession(key)
  return withSession(services, key, signal, () => finishLocked(services, key, outcome))
}

/** The same for a caller that holds the session's lock. */
export async function finishLocked(
  services: Services,
  key: WorkspaceKey,
  outcome: Outcome,
): Promise<SessionRecord> {
  const found = await services.store.read(key)
  if (found === undefined) return releasedBefore(services, key, outcome)
  if (found.finishedAt !== undefined) return found
  await services.beforeStep('finish', 'record')
  const now = services.now().toISOString()
  const record = await services.store.transition(key, ['ready', 'removing'], (current) => ({
    ...current,
    // A removal that never ended is still to be completed; how the task ended is known all the same.
    state: current.state === 'removing' ? 'removing' : 'finished',
    outcome,
    finishedAt: now,
    updatedAt: now,
  }))
  services.events.emit('session.released', sessionFacts(record), { outcome })
  return record
}

/** What a late callback gets: the session was released already, and of its record only the key is known. */
function releasedBefore(services: Services, key: WorkspaceKey, outcome: Outcome): SessionRecord {
  const { rootDir, workDir } = taskLayout(services.settings.root, key)
  const now = services.now().toISOString()
  const times = { createdAt: now, updatedAt: now, finishedAt: now }
  const facts = { formatVersion: SESSION_FORMAT, state: 'finished', strategy: 'none' } as const
  return { ...facts, ...key, outcome, rootDir, workDir, owner: currentOwner(), ...times }
}

export function noSession(key: WorkspaceKey): IntegrityError {
  return new IntegrityError('WORKSPACE_MISSING', `there is no workspace ${describeKey(key)}`, {
    data: { session: describeKey(key) },
  })
}
