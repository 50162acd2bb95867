import { describeLimit } from './age.js'
import type { OrphanDirectory, OrphanRegistration } from './findings.js'
import type { Verdict } from './planned.js'
import type { Retention } from './policy.js'

/**
 * What to do about a task's folder that no record knows: it goes when nothing in it has changed for as long as a
 * finished workspace is kept. A checkout is looked into and archived like any other, where it is certain what it was.
 */
export function planOrphanDirectory(orphan: OrphanDirectory, retention: Retention): Verdict {
  const { path, key, content, activity, nature } = orphan
  const base = { kind: 'orphan-directory', path, key } as const
  const time = describeLimit(retention.finishedMaxAgeMs)
  if (activity.kind === 'unknown')
    return { ...base, ...look(`it has no record, and cannot be read (${activity.problem})`) }
  if (content === 'artifacts') {
    const reason = 'a cleanup kept it for its output and logs'
    return activity.kind === 'newer'
      ? { ...base, action: 'keep', reason }
      : { ...base, action: 'remove', reason: `${reason}; nothing in it has changed for ${time}` }
  }
  if (content === 'remains')
    return { ...base, ...look('it has no record, and its checkout is not in its place; it may hold work') }
  const found = 'there is a checkout without a record'
  if (nature === undefined)
    return { ...base, ...look(`${found}, and what it is cannot be told; it may hold work`) }
  if (activity.kind === 'newer')
    return { ...base, ...look(`${found}; ${activity.path} has changed within ${time}, and it may hold work`) }
  const reason = `${found}, and nothing in it has changed for ${time}; work in it is preserved like any other's`
  return { ...base, action: 'remove', reason }
}

/** The same for a registration. One that has a folder goes with that. */
export function planOrphanRegistration(orphan: OrphanRegistration, retention: Retention): Verdict {
  const { path, key, checkout, activity } = orphan
  const base = { kind: 'orphan-registration', path, key } as const
  if (checkout === 'present' && key !== undefined)
    return { ...base, action: 'keep', reason: 'it is that of a checkout without a record, and goes with it' }
  const found = 'a worktree of ours is registered, and neither its checkout nor a record is there'
  if (checkout === 'present' || key === undefined || activity.kind !== 'none')
    return { ...base, ...look(found) }
  const time = describeLimit(retention.finishedMaxAgeMs)
  return { ...base, action: 'remove', reason: `${found}; nothing in it has changed for ${time}` }
}

/** Kept, for a person to decide about. */
function look(reason: string): Pick<Verdict, 'action' | 'reason' | 'attention'> {
  return { action: 'keep', reason, attention: 'needed' }
}
