import { randomUUID } from 'node:crypto'
import { currentProcess, isSameProcessAlive } from '../fs/process-identity.js'
import type { Owner, SessionRecord } from '../model/session-record.js'

const ownId = randomUUID()

/** This process as the owner of records; the same for every manager in it. */
export function currentOwner(): Owner {
  const { host, pid, processStart, bootId } = currentProcess()
  return { host, pid, processStart, bootId, id: ownId }
}

/** Whether the owner of a record still lives. Age alone never tells; another host's owner is unknown. */
export function ownerState(owner: Owner): 'self' | 'alive' | 'dead' | 'unknown' {
  if (owner.id === ownId) return 'self'
  const { host, pid, processStart, bootId = '' } = owner
  return isSameProcessAlive({ host, pid, processStart, bootId })
}

/** Who holds a session, in words: the process and its host. */
export function describeOwner(record: SessionRecord): string {
  return `process ${record.owner.pid} on ${record.owner.host}`
}
