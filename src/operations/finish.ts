import { IntegrityError } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { taskLayout } from '../model/layout.js'
import { type Outcome, SESSION_FORMAT, type SessionRecord } from '../model/session-record.js'
import { describeKey, type WorkspaceKey } from '../model/workspace-key.js'
import { currentOwner } from '../sessions/owner.js'
import { isSameSession, type SessionIdentity } from '../sessions/session-identity.js'
import { environmentExists } from './environment-folder.js'
import { readUnlessTorn } from './read-session.js'
import { recoverAndTell } from './recover.js'
import type { Services } from './services.js'
import { withSession } from './session-lock.js'

/**
 * Records how a task ended and releases its reservation; the workspace stays. The first outcome counts. In an
 * environment that exists a session that is gone is no error: a late callback may come after the cleanup. Of a session
 * that a killed prepare has left half made all goes, and a torn record is set aside.
 *
 * With `only` a record of another session with the same key counts as none.
 *
 * @throws IntegrityError WORKSPACE_MISSING where the environment has never been used.
 */
export async function finish(
  services: Services,
  key: WorkspaceKey,
  outcome: Outcome,
  signal: AbortSignal | undefined,
  only?: SessionIdentity,
): Promise<SessionRecord> {
  if (!(await environmentExists(services, key.envId))) throw noSession(key)
  return withSession(services, key, signal, () => finishLocked(services, key, outcome, only))
}

/** The same for a caller that holds the session's lock. */
export async function finishLocked(
  services: Services,
  key: WorkspaceKey,
  outcome: Outcome,
  only?: SessionIdentity,
): Promise<SessionRecord> {
  const found = await readUnlessTorn(services, key)
  if (found === undefined || (only !== undefined && !isSameSession(found, only)))
    return releasedBefore(services, key, outcome)
  if (found.finishedAt !== undefined) return found
  await services.beforeStep('finish', 'record')
  const now = services.now().toISOString()
  if (found.state === 'reserved' || found.state === 'preparing') {
    // A prepare at work on it would hold the session's lock: this one never ended, and there is nothing to keep.
    await recoverAndTell(services, found)
    return { ...found, state: 'finished', outcome, finishedAt: now, updatedAt: now }
  }
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
