import { readPlain } from '../git/plain-files.js'

/** One line of a reflog: what a ref named before and after, and why it moved. */
export interface ReflogEntry {
  readonly before: string
  readonly after: string
  readonly message: string
}

const MAX_REFLOG_BYTES = 256 * 1024 * 1024
const LINE = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) [^\t]*(?:\t(.*))?$/

/**
 * The entries of a reflog, the oldest first; none where there is none. A line that names no objects, such as one that
 * a power cut has torn, says nothing.
 */
export async function readReflog(path: string): Promise<ReflogEntry[]> {
  const lines = ((await readPlain(path, MAX_REFLOG_BYTES)) ?? '').split('\n')
  return lines.flatMap((line) => {
    const [, before, after, message = ''] = LINE.exec(line) ?? []
    return before === undefined || after === undefined ? [] : [{ before, after, message }]
  })
}

/** Every object that a reflog names. */
export function reflogOids(entries: readonly ReflogEntry[]): Set<string> {
  const oids = new Set(entries.flatMap(({ before, after }) => [before, after]))
  for (const oid of oids) if (/^0+$/.test(oid)) oids.delete(oid)
  return oids
}
