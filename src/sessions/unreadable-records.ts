import { randomBytes } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { parseSessionRecord } from '../model/session-record.js'
import { parseSessionName } from '../model/workspace-key.js'
import type { UnreadableRecord } from './session-store.js'

/** Those of some record files that cannot be read. */
export async function findUnreadable(
  envId: string,
  directory: string,
  names: readonly string[],
): Promise<UnreadableRecord[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const place = join(directory, name)
      const cause = await causeOf(place)
      return cause && { place, cause, key: parseSessionName(envId, basename(name, '.json')) }
    }),
  )
  return found.filter((record) => record !== undefined)
}

/** Renames a corrupt record's file to one that no reader takes for a record. */
export async function setRecordAside(file: string): Promise<string | undefined> {
  if ((await causeOf(file)) !== 'corrupt') return undefined
  const place = `${file}.unreadable-${randomBytes(4).toString('hex')}`
  await rename(file, place)
  return place
}

async function causeOf(file: string): Promise<UnreadableRecord['cause'] | undefined> {
  try {
    const value = await readJsonIfPresent(file)
    if (value !== undefined) parseSessionRecord(value, file)
    return undefined
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    return error.data['formatVersion'] === undefined ? 'corrupt' : 'newer format'
  }
}
