import { basename, join } from 'node:path'
import { isWorkspaceError, type WorkspaceError } from '../errors/workspace-error.js'
import { namesIn } from '../fs/presence.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { type ArchiveRecord, parseArchiveRecord } from '../model/archive-record.js'
import { environmentLayout } from '../model/layout.js'
import { parseSessionName, type WorkspaceKey } from '../model/workspace-key.js'
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
  const looks = await Promise.all(environments.map((envId) => lookAtArchives(services, envId, filter.taskId)))
  const isWanted = ({ taskId, runId }: ArchiveRecord) =>
    (filter.taskId === undefined || taskId === filter.taskId) &&
    (filter.runId === undefined || runId === filter.runId)
  return newestFirst(looks.flatMap(({ archives }) => archives).filter(isWanted))
}

function newestFirst(archives: readonly ArchiveRecord[]): ArchiveRecord[] {
  return [...archives].sort((one, other) => (orderOf(one) < orderOf(other) ? 1 : -1))
}

/** An archive whose record cannot be read. */
export interface UnreadableArchive {
  readonly path: string
  /** Whose it is, by its name. */
  readonly key: WorkspaceKey | undefined
  readonly cause: 'corrupt' | 'newer format'
  readonly error: WorkspaceError
}

export interface ArchivesLook {
  /** The newest first. */
  readonly archives: readonly ArchiveRecord[]
  /** Each was told of with a warning. */
  readonly unreadable: readonly UnreadableArchive[]
}

/** The archives of one environment. Their names begin with that of the task, so that those of others need not be read. */
export async function lookAtArchives(services: Services, envId: string, taskId = ''): Promise<ArchivesLook> {
  const { archivesDir } = environmentLayout(services.settings.root, envId)
  const names = (await namesIn(archivesDir)).filter(
    (name) => name.endsWith('.json') && !name.startsWith('.') && name.startsWith(taskId),
  )
  const found = await Promise.all(names.map((name) => readOrWarn(services, envId, join(archivesDir, name))))
  const archives = found.flatMap((each) => (each !== undefined && 'archiveId' in each ? [each] : []))
  const unreadable = found.flatMap((each) => (each !== undefined && 'error' in each ? [each] : []))
  return { archives: newestFirst(archives), unreadable }
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

async function readOrWarn(
  services: Services,
  envId: string,
  file: string,
): Promise<ArchiveRecord | UnreadableArchive | undefined> {
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
    return unreadableArchive(envId, file, error)
  }
}

function unreadableArchive(envId: string, path: string, error: WorkspaceError): UnreadableArchive {
  const [, name] = ARCHIVE_NAME.exec(basename(path)) ?? []
  const key = name === undefined ? undefined : parseSessionName(envId, name)
  const cause = error.data['formatVersion'] === undefined ? 'corrupt' : 'newer format'
  return { path, key, cause, error }
}

/** As `newArchiveId` makes them. */
const ARCHIVE_NAME = /^(.+)\.\d{8}T\d{6}Z-[0-9a-f]+\.json$/

const orderOf = ({ createdAt, archiveId }: ArchiveRecord) => `${createdAt} ${archiveId}`
