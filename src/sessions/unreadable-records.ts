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
      const found = await problemOf({ root, envId, file: place })
      if (found === undefined) return undefined
      const { cause, madeFor } = found
      const told = cause === 'newer format' ? await readJsonIfPresent(place) : undefined
      const key = parseSessionName(envId, basename(name, '.json'))
      return { place, cause, madeFor, key, workDir: textIn(told, 'workDir'), branch: textIn(told, 'branch') }
    }),
  )
  return found.filter((record) => record !== undefined)
}

function textIn(value: unknown, field: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
  return typeof found === 'string' ? found : undefined
}

/** Renames the file of a record that is corrupt, or of another root, to one that no reader takes for a record. */
export async function setRecordAside(record: RecordFile): Promise<string | undefined> {
  const found = await problemOf(record)
  if (found === undefined || found.cause === 'newer format') return undefined
  const place = `${record.file}.unreadable-${randomBytes(4).toString('hex')}`
  await rename(record.file, place)
  return place
}

type Problem = Pick<UnreadableRecord, 'cause' | 'madeFor'>

async function problemOf(record: RecordFile): Promise<Problem | undefined> {
  try {
    await readRecord(record)
    return undefined
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    const madeFor = textIn(error.data, 'madeFor')
    if (madeFor !== undefined) return { cause: 'other root', madeFor }
    return { cause: error.data['formatVersion'] === undefined ? 'corrupt' : 'newer format', madeFor }
  }
}
