import type { SessionRecord } from '../../model/session-record.js'
import type { OwnerState } from '../../model/session-status.js'
import type { Services } from '../services.js'

/** Whether the owner of each record lives, at a glance; each owner is looked at once, however much it has. */
export function ownerStates(
  { lease }: Services,
  records: readonly SessionRecord[],
): Promise<readonly OwnerState[]> {
  const glances = new Map<string, Promise<OwnerState>>()
  return Promise.all(
    records.map(({ owner }) => {
      const glance = glances.get(owner.id) ?? lease.glanceAt(owner)
      glances.set(owner.id, glance)
      return glance
    }),
  )
}
