import type { SessionRecord } from '../model/session-record.js'

/**
 * What tells a session from those that had its key before and will have it after: when it was claimed, by whom, and since
 * when that holds. A workspace that had ended is another session once it is handed out again.
 */
export type SessionIdentity = Pick<SessionRecord, 'createdAt' | 'reservationId' | 'owner'>

/** Whether a record is still that of the session. One that somebody is removing keeps its name until it is gone. */
export function isSameSession(record: SessionRecord, session: SessionIdentity): boolean {
  const { createdAt, reservationId, owner } = session
  if (record.createdAt !== createdAt || record.reservationId !== reservationId) return false
  return record.state === 'removing' || record.owner.id === owner.id
}
