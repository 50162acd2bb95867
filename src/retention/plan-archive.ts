import { ageOfLatest, ageProblem, describeAge, describeLimit } from './age.js'
import type { ArchiveFinding } from './findings.js'
import type { Verdict } from './planned.js'
import type { Retention } from './policy.js'

/** Archives go by their own age. Pure. */
export function planArchive({ path, key, createdAt }: ArchiveFinding, retention: Retention): Verdict {
  const base = { kind: 'archive', path, key } as const
  const age = ageOfLatest([createdAt], retention.now)
  if ('problem' in age) return { ...base, action: 'keep', reason: ageProblem(age), attention: 'needed' }
  const limit = retention.archiveMaxAgeMs
  const archived = `archived ${describeAge(age.ms)} ago`
  return age.ms < limit
    ? { ...base, action: 'keep', reason: `${archived}, and kept for ${describeLimit(limit)}` }
    : { ...base, action: 'remove', reason: `${archived}, older than ${describeLimit(limit)}` }
}
