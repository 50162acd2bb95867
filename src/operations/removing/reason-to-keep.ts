import { mountsInside } from '../../fs/mounts-inside.js'
import type { SessionRecord } from '../../model/session-record.js'
import { foreignHold } from '../../strategies/foreign-hold.js'
import type { Strategy } from '../../strategies/strategy.js'

/** What forbids to take a workspace away, whatever the policy is; undefined where nothing does. */
export async function reasonToKeep(record: SessionRecord, strategy: Strategy): Promise<string | undefined> {
  const mounted = await mountsInside(record.rootDir)
  if (mounted.length > 0)
    return `something is mounted in it, and is to be unmounted first: ${mounted.join(', ')}`
  if (!strategy.traits.sharesRefs || record.tree === undefined) return undefined
  return foreignHold(record.tree)
}
