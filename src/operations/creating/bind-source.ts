import { randomBytes } from 'node:crypto'
import { realpath, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../../errors/system-error.js'
import { hasErrorCode, InputError } from '../../errors/workspace-error.js'
import { writeJsonAtomic } from '../../fs/atomic-write.js'
import { withFileLock } from '../../fs/locks.js'
import { readJsonIfPresent } from '../../fs/read-json.js'
import { ownText } from '../../mirror/own-file.js'
import { ENVIRONMENT_FORMAT, parseEnvironmentRecord } from '../../model/environment-record.js'
import { quoteConfigValue } from '../../model/git-config-value.js'
import { environmentLayout } from '../../model/layout.js'
import { type Source, sourceIdentity } from '../../model/source.js'
import type { Services } from '../services.js'

/** A local path by its one true name. @throws InputError SOURCE_INVALID where there is no folder. */
export async function canonicalSource(source: Source | undefined): Promise<Source | undefined> {
  if (source?.kind !== 'path') return source
  try {
    return { ...source, path: await realpath(source.path) }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) throw error
    throw new InputError('SOURCE_INVALID', 'the source path cannot be opened', {
      data: { field: 'source', path: source.path },
      cause: error,
    })
  }
}

/** Refuses an environment that has another source. Reads only. @throws RECORD_CORRUPT for one of a newer format. */
export async function assertSourceFits(services: Services, envId: string, source: Source): Promise<void> {
  const { bound, state } = await readBinding(services, envId)
  if (state !== 'bound') await assertTracesFit(services, envId, source)
  assertSame(envId, bound, sourceIdentity(source))
}

function assertSame(envId: string, bound: string | undefined, source: string): void {
  if (bound === undefined || bound === source) return
  throw new InputError('SOURCE_INVALID', `the environment "${envId}" has another source`, {
    data: { field: 'source', envId, existing: bound, requested: source },
    hint: 'Use another environment id for another repository.',
  })
}

/**
 * Ties the environment to its source for good, once the source has proven to be a repository. A record of it that
 * cannot be read is set aside with a warning. Neither that nor a record that is lost lets another source in.
 */
export async function bindSource(services: Services, envId: string, source: Source): Promise<void> {
  const { bound, state } = await readBinding(services, envId)
  assertSame(envId, bound, sourceIdentity(source))
  if (state === 'bound') return
  await assertTracesFit(services, envId, source)
  if (state === 'unreadable') return bindAnew(services, envId, sourceIdentity(source))
  await write(services, envId, sourceIdentity(source))
}

/**
 * The same for a source that has proven to be that of the environment. As the only one: a record that somebody else has
 * just written must not be set aside.
 */
export async function bindAnew(services: Services, envId: string, source: string): Promise<void> {
  const { root, lockTimeoutMs } = services.settings
  const { locksDir, environmentFile } = environmentLayout(root, envId)
  const options = { timeoutMs: lockTimeoutMs, purpose: 'source' }
  await withFileLock(join(locksDir, 'source.lock'), options, async () => {
    const { state, bound } = await readBinding(services, envId)
    if (state === 'unreadable')
      warnUnreadable(services, envId, `was set aside: ${await setAside(environmentFile)}`)
    assertSame(envId, bound, source)
    if (state !== 'bound') await write(services, envId, source)
  })
}

async function write(services: Services, envId: string, source: string): Promise<void> {
  await writeJsonAtomic(environmentLayout(services.settings.root, envId).environmentFile, {
    formatVersion: ENVIRONMENT_FORMAT,
    source,
    createdAt: services.now().toISOString(),
  })
}

/** Sessions and the mirror remember what they were made from. */
async function assertTracesFit(services: Services, envId: string, source: Source): Promise<void> {
  const identity = sourceIdentity(source)
  for (const told of await recordedSources(services, envId)) assertSame(envId, told, identity)
  // Tasks of a local source may have been given other URLs for `origin`.
  const { mirrorDir } = environmentLayout(services.settings.root, envId)
  const config = source.kind === 'url' ? await ownText(join(mirrorDir, 'config')) : undefined
  if (config !== undefined && !config.includes(`url = ${quoteConfigValue(identity)}\n`))
    assertSame(envId, 'that of its mirror', identity)
}

/** What the sessions of an environment were made from. One that is only reserved may still be refused for its source. */
export async function recordedSources(services: Services, envId: string): Promise<string[]> {
  const records = await services.store.list(envId)
  const ofRepositories = records.filter(
    ({ strategy, state }) => state !== 'reserved' && services.strategies.get(strategy)?.traits.usesRepository,
  )
  return [...new Set(ofRepositories.flatMap(({ source }) => source ?? []))]
}

interface Binding {
  readonly state: 'none' | 'bound' | 'unreadable'
  readonly bound?: string | undefined
}

/** @throws IntegrityError RECORD_CORRUPT for a newer format. */
async function readBinding(services: Services, envId: string): Promise<Binding> {
  const file = environmentLayout(services.settings.root, envId).environmentFile
  try {
    const value = await readJsonIfPresent(file)
    if (value === undefined) return { state: 'none' }
    return { state: 'bound', bound: parseEnvironmentRecord(value, file).source }
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT') || error.data['formatVersion'] !== undefined) throw error
    return { state: 'unreadable' }
  }
}

/**
 * What the environment is bound to, without secrets, for what goes on without knowing it; undefined where it has no
 * source yet, and with a warning where that cannot be read.
 */
export async function boundSource(services: Services, envId: string): Promise<string | undefined> {
  try {
    const { bound, state } = await readBinding(services, envId)
    if (state === 'unreadable') warnUnreadable(services, envId, 'was left as it is')
    return bound
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    warnUnreadable(services, envId, `was left as it is: ${error.message}`)
    return undefined
  }
}

/** Whether the environment has a record of its source, and one that can be read. */
export async function stateOfBinding(
  services: Services,
  envId: string,
): Promise<Binding['state'] | 'newer format'> {
  try {
    return (await readBinding(services, envId)).state
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    return 'newer format'
  }
}

function warnUnreadable({ events }: Services, envId: string, what: string): void {
  const message = `the record of the environment's source cannot be read and ${what}`
  events.emit('warning', { key: { envId } }, { code: 'RECORD_CORRUPT', message })
}

async function setAside(file: string): Promise<string> {
  const place = `${file}.unreadable-${randomBytes(4).toString('hex')}`
  await rename(file, place)
  return place
}
