import type { ObjectFormat } from '../model/object-format.js'

/** One entry of an index file; see gitformat-index(5). */
export interface IndexEntry {
  /** Undefined for a name that is no UTF-8. */
  readonly path: string | undefined
  /** What a submodule's entry names; other entries are not looked at that closely. */
  readonly commit: string | undefined
  readonly stats: EntryStats
  /** Where in the file the entry begins. */
  readonly offset: number
}

/** When the file was changed last, as git saw it: seconds and nanoseconds since 1970. */
export interface EntryStats {
  readonly ctimeSeconds: number
  readonly ctimeNanoseconds: number
  readonly mtimeSeconds: number
}

/** The mode of a submodule's entry. */
const GITLINK = 0o160000

/** Where in an entry the seconds of mtime stand. */
export const MTIME_OFFSET = 8

const HEADER_BYTES = 12
const STAT_BYTES = 40
const NAME_MASK = 0xfff
const EXTENDED = 0x4000

/**
 * The entries of an index that a git of our own wrote. Undefined for a format that git writes only where it is
 * configured to: version 4, or a split index.
 */
export function indexEntries(index: Buffer, objectFormat: ObjectFormat): IndexEntry[] | undefined {
  const oidBytes = objectFormat === 'sha1' ? 20 : 32
  const version = index.length < HEADER_BYTES ? 0 : index.readUInt32BE(4)
  if (index.toString('latin1', 0, 4) !== 'DIRC' || (version !== 2 && version !== 3)) return undefined
  const entries: IndexEntry[] = []
  let offset = HEADER_BYTES
  for (let count = index.readUInt32BE(8); count > 0; count -= 1) {
    const flagsAt = offset + STAT_BYTES + oidBytes
    const flags = index.readUInt16BE(flagsAt)
    const nameAt = flagsAt + ((flags & EXTENDED) === 0 ? 2 : 4)
    const nameEnd = endOfName(index, nameAt, flags & NAME_MASK)
    entries.push(entryAt(index, offset, { flagsAt, nameAt, nameEnd }))
    // One to eight zeros bring the length of an entry to a multiple of eight.
    offset += (nameEnd - offset + 8) & ~7
  }
  return isSplit(index, offset) ? undefined : entries
}

/** A length that does not fit is written as the largest one. */
function endOfName(index: Buffer, nameAt: number, length: number): number {
  return length < NAME_MASK ? nameAt + length : index.indexOf(0, nameAt + NAME_MASK)
}

function entryAt(
  index: Buffer,
  offset: number,
  at: { readonly flagsAt: number; readonly nameAt: number; readonly nameEnd: number },
): IndexEntry {
  const path = index.toString('utf8', at.nameAt, at.nameEnd)
  const mode = index.readUInt32BE(offset + 24)
  return {
    path: path.includes('\ufffd') ? undefined : path,
    commit: mode === GITLINK ? index.toString('hex', offset + STAT_BYTES, at.flagsAt) : undefined,
    stats: {
      ctimeSeconds: index.readUInt32BE(offset),
      ctimeNanoseconds: index.readUInt32BE(offset + 4),
      mtimeSeconds: index.readUInt32BE(offset + MTIME_OFFSET),
    },
    offset,
  }
}

/** The rest of a split index is in another file; its extension comes first. */
function isSplit(index: Buffer, extensionsAt: number): boolean {
  return index.toString('latin1', extensionsAt, extensionsAt + 4) === 'link'
}
