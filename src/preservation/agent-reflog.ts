import type { ReflogEntry } from '../git/reflog-entry.js'

/** Every object that a reflog names. */
export function reflogOids(entries: readonly ReflogEntry[]): Set<string> {
  const oids = new Set(entries.flatMap(({ before, after }) => [before, after]))
  for (const oid of oids) if (/^0+$/.test(oid)) oids.delete(oid)
  return oids
}
