import { z } from 'zod'

type PlainRecord = Readonly<Record<string, unknown>>

const plain = z.looseObject({ formatVersion: z.number().int() })
const withOwner = z.looseObject({ owner: z.looseObject({}) })

/** What turns a session record of a format into one of the next. */
const MIGRATIONS: Readonly<Record<number, (record: PlainRecord) => PlainRecord>> = {
  // Format 2 always says how the owner's machine was started, so that a restart is never taken for a living owner.
  1: (record) => {
    const { success, data } = withOwner.safeParse(record)
    return success ? { ...record, owner: { bootId: '', ...data.owner } } : record
  },
}

/**
 * A stored record as the known format has it. The file stays as it is: the next write puts the new format in it.
 * What is newer, or no record at all, is answered unchanged, for the schema to refuse.
 */
export function migrateRecord(value: unknown, known: number): unknown {
  const parsed = plain.safeParse(value)
  if (!parsed.success) return value
  let record: PlainRecord = parsed.data
  for (let version = parsed.data.formatVersion; version < known; version += 1) {
    const migrate = MIGRATIONS[version]
    if (migrate === undefined) return value
    record = { ...migrate(record), formatVersion: version + 1 }
  }
  return record
}
