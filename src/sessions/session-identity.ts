import type { SessionRecord } from '../model/session-record.js'

/** What tells a session from those that had its key before and will have it after: when it was claimed, and by whom. */
export type SessionIdentity = Pick<SessionRecord, 'createdAt' | 'owner'>

/** Whether a record is still that of the session. One that somebody is removing keeps its name until it is gone. */
export function isSameSession(record: SessionRecord, { createdAt, owner }: SessionIdentity): boolean {
  if (record.createdAt !== createdAt) return false
  return record.state === 'removing' || record.owner.id === owner.id
}
