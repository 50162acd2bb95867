import { randomBytes } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { parseSessionName } from '../model/workspace-key.js'
import { type RecordFile, readRecord } from './record-place.js'
import type { UnreadableRecord } from './session-store.js'

/** Those of some record files that cannot be read. */
export async function findUnreadable(
  root: string,
  envId: string,
  directory: string,
  names: readonly string[],
): Promise<UnreadableRecord[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const place = join(directory, name)
      const cause = await causeOf({ root, envId, file: place })
      if (cause === undefined) return undefined
      const told = cause === 'newer format' ? await readJsonIfPresent(place) : undefined
      const key = parseSessionName(envId, basename(name, '.json'))
      return { place, cause, key, workDir: textIn(told, 'workDir'), branch: textIn(told, 'branch') }
    }),
  )
  return found.filter((record) => record !== undefined)
}

function textIn(value: unknown, field: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
  return typeof found === 'string' ? found : undefined
}

/** Renames a corrupt record's file to one that no reader takes for a record. */
export async function setRecordAside(record: RecordFile): Promise<string | undefined> {
  if ((await causeOf(record)) !== 'corrupt') return undefined
  const place = `${record.file}.unreadable-${randomBytes(4).toString('hex')}`
  await rename(record.file, place)
  return place
}

async function causeOf(record: RecordFile): Promise<UnreadableRecord['cause'] | undefined> {
  try {
    await readRecord(record)
    return undefined
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    return error.data['formatVersion'] === undefined ? 'corrupt' : 'newer format'
  }
}
