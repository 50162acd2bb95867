import { realpath } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'
import { InputError } from '../errors/workspace-error.js'
import { writeJsonAtomic } from '../fs/atomic-write.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { ENVIRONMENT_FORMAT, parseEnvironmentRecord } from '../model/environment-record.js'
import { environmentLayout } from '../model/layout.js'
import { type Source, sourceIdentity } from '../model/source.js'
import type { Services } from './services.js'

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

/** Refuses an environment that has another source. Reads only. */
export async function assertSourceFits(services: Services, envId: string, source: Source): Promise<void> {
  const bound = await boundSource(services, envId)
  if (bound === undefined || bound === sourceIdentity(source)) return
  throw new InputError('SOURCE_INVALID', `the environment "${envId}" has another source`, {
    data: { field: 'source', envId, existing: bound, requested: sourceIdentity(source) },
    hint: 'Use another environment id for another repository.',
  })
}

/** Ties the environment to its source for good, once the source has proven to be a repository. */
export async function bindSource(services: Services, envId: string, source: Source): Promise<void> {
  await assertSourceFits(services, envId, source)
  if ((await boundSource(services, envId)) !== undefined) return
  await writeJsonAtomic(environmentLayout(services.settings.root, envId).environmentFile, {
    formatVersion: ENVIRONMENT_FORMAT,
    source: sourceIdentity(source),
    createdAt: services.now().toISOString(),
  })
}

/** What the environment is bound to, without secrets; undefined where it has no source yet. */
export async function boundSource(services: Services, envId: string): Promise<string | undefined> {
  const file = environmentLayout(services.settings.root, envId).environmentFile
  const value = await readJsonIfPresent(file)
  return value === undefined ? undefined : parseEnvironmentRecord(value, file).source
}
