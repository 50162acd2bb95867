import type { FreshnessSettings } from '../model/options.js'

export type FetchDecision = 'fetch' | 'use'

/**
 * Whether the mirror has to ask its remote. A fetch that began after the caller asked is as good as its own,
 * which is how concurrent callers share one.
 */
export function decideFetch(
  freshness: FreshnessSettings,
  fetchedAt: string | undefined,
  askedAt: Date,
  now: Date,
): FetchDecision {
  if (freshness.mode === 'offline') return 'use'
  if (fetchedAt === undefined) return 'fetch'
  const fetched = Date.parse(fetchedAt)
  if (fetched >= askedAt.getTime() && fetched <= now.getTime()) return 'use'
  const age = now.getTime() - fetched
  // A time in the future comes from a clock that jumped; it proves nothing.
  return age >= 0 && age < freshness.maxAgeMs ? 'use' : 'fetch'
}
