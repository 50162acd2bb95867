import { basename, join } from 'node:path'
import { isWorkspaceError } from '../errors/workspace-error.js'
import { namesIn } from '../fs/presence.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { type ArchiveRecord, parseArchiveRecord } from '../model/archive-record.js'
import { environmentLayout } from '../model/layout.js'
import { environmentIds } from '../sessions/environment-ids.js'
import { archiveFile } from './archiving/archive-folder.js'
import type { Services } from './services.js'

export interface ArchiveFilter {
  readonly envId?: string | undefined
  readonly taskId?: string | undefined
  readonly runId?: string | undefined
}

/** Every archive that passes the filter, the newest first. One that cannot be read is left out with a warning. */
export async function listArchives(services: Services, filter: ArchiveFilter): Promise<ArchiveRecord[]> {
  const environments = await environmentIds(services.settings.root, filter.envId)
  const lists = await Promise.all(environments.map((envId) => archivesOf(services, envId, filter.taskId)))
  const isWanted = ({ taskId, runId }: ArchiveRecord) =>
    (filter.taskId === undefined || taskId === filter.taskId) &&
    (filter.runId === undefined || runId === filter.runId)
  const found = lists.flat().filter(isWanted)
  return found.sort((one, other) => (orderOf(one) < orderOf(other) ? 1 : -1))
}

/** One archive; undefined where there is none. @throws IntegrityError RECORD_CORRUPT */
export async function readArchive(
  services: Services,
  envId: string,
  archiveId: string,
): Promise<ArchiveRecord | undefined> {
  return readRecord(archiveFile(services, envId, archiveId))
}

async function readRecord(file: string): Promise<ArchiveRecord | undefined> {
  const value = await readJsonIfPresent(file)
  return value === undefined ? undefined : parseArchiveRecord(value, file)
}

/** Their names begin with that of the task, so that the archives of others need not be read. */
async function archivesOf(services: Services, envId: string, taskId = ''): Promise<ArchiveRecord[]> {
  const { archivesDir } = environmentLayout(services.settings.root, envId)
  const names = (await namesIn(archivesDir)).filter(
    (name) => name.endsWith('.json') && !name.startsWith('.') && name.startsWith(taskId),
  )
  const records = await Promise.all(names.map((name) => readOrWarn(services, envId, join(archivesDir, name))))
  return records.filter((record) => record !== undefined)
}

async function readOrWarn(
  services: Services,
  envId: string,
  file: string,
): Promise<ArchiveRecord | undefined> {
  try {
    const record = await readRecord(file)
    // It is believed only in its place.
    const isInPlace = record?.envId === envId && `${record.archiveId}.json` === basename(file)
    return isInPlace ? record : undefined
  } catch (error) {
    if (!isWorkspaceError(error)) throw error
    services.events.emit(
      'warning',
      { key: { envId } },
      { code: error.code, message: `${error.message}: ${file}` },
    )
    return undefined
  }
}

const orderOf = ({ createdAt, archiveId }: ArchiveRecord) => `${createdAt} ${archiveId}`
