import { lstatSync } from 'node:fs'
import type { SessionRecord } from '../model/session-record.js'
import { type RecordFile, readRecord } from './record-place.js'

interface Known {
  readonly stamp: string
  readonly record: SessionRecord | undefined
}

/**
 * Records by file, read again only where another file has taken the place: each write of a record makes a new file.
 * For those who want to know all of them, often.
 */
export class RecordCache {
  readonly #known = new Map<string, Known>()

  /** As `readRecord`. */
  async read(place: RecordFile): Promise<SessionRecord | undefined> {
    // Asked for before reading: a record that is written meanwhile is read once more the next time.
    const stamp = stampOf(place.file)
    const known = this.#known.get(place.file)
    if (known !== undefined && known.stamp === stamp) return known.record
    this.#known.delete(place.file)
    const record = await readRecord(place)
    if (stamp !== undefined) this.#known.set(place.file, { stamp, record })
    return record
  }

  /** Forgets the records of a folder but for these files. */
  keepOnly(directory: string, files: readonly string[]): void {
    const kept = new Set(files)
    for (const file of this.#known.keys()) {
      if (file.startsWith(directory) && !kept.has(file)) this.#known.delete(file)
    }
  }
}

/** Not asynchronous: a look-up takes microseconds, a turn through the thread pool ten times that. */
function stampOf(file: string): string | undefined {
  const found = lstatSync(file, { bigint: true, throwIfNoEntry: false })
  return found && [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':')
}
