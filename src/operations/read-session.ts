import { hasErrorCode } from '../errors/workspace-error.js'
import type { SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import type { Services } from './services.js'

/**
 * A session's record for a verb that may go on without one; the session's lock is held. One that cannot be read is
 * set aside with a warning, as if it were gone.
 *
 * @throws IntegrityError RECORD_CORRUPT for a record of a newer format, which is left alone.
 */
export async function readSession(services: Services, key: WorkspaceKey): Promise<SessionRecord | undefined> {
  try {
    return await services.store.read(key)
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    if (!(await setSessionAside(services, key))) throw error
    return undefined
  }
}

/**
 * The same for a verb that needs what the record says: only what is no record at all any more is set aside, since
 * nobody can put it right.
 *
 * @throws IntegrityError RECORD_CORRUPT for one that says something else than it should, naming the fields.
 */
export async function readUnlessTorn(
  services: Services,
  key: WorkspaceKey,
): Promise<SessionRecord | undefined> {
  try {
    return await services.store.read(key)
  } catch (error) {
    const isTorn = hasErrorCode(error, 'RECORD_CORRUPT') && error.data['fields'] === undefined
    if (!isTorn || !(await setSessionAside(services, key))) throw error
    return undefined
  }
}

/** Answers whether there was an unreadable record to be set aside. */
export async function setSessionAside(services: Services, key: WorkspaceKey): Promise<'aside' | undefined> {
  const place = await services.store.setAside(key)
  if (place === undefined) return undefined
  const message = `the session's record cannot be read and was set aside: ${place}`
  services.events.emit('warning', { key }, { code: 'RECORD_CORRUPT', message })
  return 'aside'
}
