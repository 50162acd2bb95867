import { randomUUID } from 'node:crypto'
import { currentProcess, isSameProcessAlive } from '../fs/process-identity.js'
import type { Owner, SessionRecord } from '../model/session-record.js'

const ownId = randomUUID()

export type OwnerState = 'self' | 'alive' | 'dead'

/** This process as the owner of records; the same for every manager in it. */
export function currentOwner(): Owner {
  const { host, pid, processStart, bootId } = currentProcess()
  return { host, pid, processStart, bootId, id: ownId }
}

/** What the process table of this host says of an owner; of another host's it knows nothing. */
export function processState(owner: Owner): OwnerState | 'unknown' {
  if (owner.id === ownId) return 'self'
  return isSameProcessAlive(owner)
}

/** Who holds a session, in words: the process and its host. */
export function describeOwner({ owner }: Pick<SessionRecord, 'owner'>): string {
  return `process ${owner.pid} on ${owner.host}`
}
