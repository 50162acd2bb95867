import { kindOf } from '../fs/presence.js'
import { asStorageFailure } from '../fs/storage-failure.js'
import type { Outcome, SessionRecord, SessionState } from '../model/session-record.js'
import { describeKey, type WorkspaceKey } from '../model/workspace-key.js'
import type { Services } from './services.js'

export interface ListFilter {
  readonly envId?: string | undefined
  readonly state?: SessionState | undefined
  readonly outcome?: Outcome | undefined
}

/**
 * The record of a workspace that can be worked in; undefined where there is none, or its folder is gone.
 *
 * @throws InputError OPTIONS_INVALID naming what this user may not read.
 */
export async function findReady(services: Services, key: WorkspaceKey): Promise<SessionRecord | undefined> {
  try {
    return await readReady(services, key)
  } catch (error) {
    throw asStorageFailure(error, services.settings.root)
  }
}

async function readReady(services: Services, key: WorkspaceKey): Promise<SessionRecord | undefined> {
  const record = await services.store.read(key)
  if (record === undefined || (record.state !== 'ready' && record.state !== 'finished')) return undefined
  return (await kindOf(record.workDir)) === 'directory' ? record : undefined
}

/**
 * Every session that passes the filter, in the order of their keys.
 *
 * @throws InputError OPTIONS_INVALID naming what this user may not read.
 */
export async function listSessions(services: Services, filter: ListFilter): Promise<SessionRecord[]> {
  const records = await readAll(services, filter.envId)
  const wanted = records.filter(
    (record) =>
      (filter.state === undefined || record.state === filter.state) &&
      (filter.outcome === undefined || record.outcome === filter.outcome),
  )
  return wanted.sort((one, other) => (describeKey(one) < describeKey(other) ? -1 : 1))
}

async function readAll(services: Services, envId: string | undefined): Promise<SessionRecord[]> {
  try {
    return await services.store.list(envId)
  } catch (error) {
    throw asStorageFailure(error, services.settings.root)
  }
}
