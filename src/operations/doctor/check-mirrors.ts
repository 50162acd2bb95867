import { join } from 'node:path'
import { GitError, isWorkspaceError, StoppedError } from '../../errors/workspace-error.js'
import { fetchLostObjects, lostObjects } from '../../mirror/lost-objects.js'
import { conditionOf } from '../../mirror/mend-mirror.js'
import { checkMirror, fetchMissingCommit } from '../../mirror/mirror.js'
import { repairRegistration } from '../../mirror/tamper-check.js'
import type { Tampering } from '../../mirror/tampering.js'
import type { DoctorFinding } from '../../model/doctor-report.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { type Credentials, parseSource, type Source } from '../../model/source.js'
import { describeKey, sessionKey } from '../../model/workspace-key.js'
import { boundSource, recordedSources } from '../creating/bind-source.js'
import { lostPart } from '../creating/refuse-damaged.js'
import { type MirrorRequest, mirrorContext, refreshMirror } from '../mirror-access.js'
import { recordedCredentials } from '../recorded-source.js'
import type { Services } from '../services.js'
import { type Diagnosis, inEachEnvironment, problem } from './finding.js'

/** Whether the mirrors are whole and as the manager wrote them, and so what worktrees are registered with. */
export function checkMirrors(
  services: Services,
  envIds: readonly string[],
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  return inEachEnvironment('mirror', envIds, (envId) => checkOne(services, envId, signal))
}

async function checkOne(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const { mirrorDir: path } = environmentLayout(services.settings.root, envId)
  const condition = await conditionOf(path)
  const base = { check: 'mirror', path, key: { envId } } as const
  if (condition === 'torn')
    return [problem(base, 'parts of the mirror are gone; the next prepare puts it right', 'prepare')]
  if (condition === 'ruined')
    return [await lostFrom(services, envId, 'all objects of the mirror are gone', signal)]
  const records = await services.store.list(envId)
  const ofMirror =
    condition === 'absent'
      ? await missingMirror(services, { envId, records, signal })
      : [...(await changesIn(services, envId, signal)), ...(await gapsIn(services, envId, signal))]
  return [...ofMirror, ...(await changedRegistrations(services, records, signal))]
}

/** One that is not there yet, or that nobody needs any more, is missed by no workspace. */
async function missingMirror(
  services: Services,
  { envId, records, signal }: { envId: string; records: readonly SessionRecord[]; signal: AbortSignal },
): Promise<Diagnosis[]> {
  const needing = await needMirror(services, records)
  const [first] = needing
  if (first === undefined) return []
  const { mirrorDir: path } = environmentLayout(services.settings.root, envId)
  const base = { check: 'mirror', path, key: { envId } } as const
  const others = needing.length > 1 ? ` and ${needing.length - 1} more` : ''
  const message = `the mirror is gone, and git cannot work without it in ${describeKey(first)}${others}`
  const repair = async (source: Source) => {
    const credentials = await someCredentials(services, envId)
    const freshness = { mode: 'require', maxAgeMs: 0 } as const
    const request = { envId, source, credentials, freshness, signal }
    await refreshMirror(services, { ...request, filter: first.shape?.filter })
    await fetchBases(services, request, needing)
  }
  return [
    await fromSource(services, envId, {
      ...problem(base, message, 'prepare'),
      end: 'it is made again',
      repair,
    }),
  ]
}

/** What workspaces were made from may be in no branch of the remote any more. */
async function fetchBases(
  services: Services,
  request: MirrorRequest,
  records: readonly SessionRecord[],
): Promise<void> {
  const context = mirrorContext(services, request)
  const { mirrorDir, signal } = context
  const bases = [...new Set(records.flatMap(({ base }) => base?.commit ?? []))]
  for (const commit of bases) await fetchMissingCommit(context, commit)
  const found = await services.git.commits(mirrorDir, bases, signal)
  const lost = bases.filter((_, index) => found[index] === undefined)
  if (lost.length === 0) return
  throw new GitError(
    'GIT_REF_MISSING',
    `it is there again, and the remote no longer has ${lost.join(', ')}`,
    {
      data: { path: mirrorDir, lost },
    },
  )
}

async function needMirror(services: Services, records: readonly SessionRecord[]): Promise<SessionRecord[]> {
  const isThere = ({ state }: SessionRecord) => state === 'ready' || state === 'finished'
  const known = records.filter((record) => isThere(record) && services.strategies.has(record.strategy))
  const misses = await Promise.all(known.map((record) => missesMirror(services, record)))
  return known.filter((_, index) => misses[index])
}

/** What cannot be read of one workspace is told by the look at it, and keeps no other from its mirror. */
async function missesMirror(services: Services, record: SessionRecord): Promise<boolean> {
  try {
    return (await lostPart(services, record))?.what === 'mirror'
  } catch (error) {
    if (!isWorkspaceError(error) || error instanceof StoppedError) throw error
    return false
  }
}

async function gapsIn(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const { mirrorDir } = environmentLayout(services.settings.root, envId)
  const lost = await lostObjects({ git: services.git, mirrorDir, signal })
  if (lost.length === 0) return []
  return [await lostFrom(services, envId, `objects of the mirror are gone (${lost.join(', ')})`, signal)]
}

/** What the remote still has of it is fetched again; without a source nobody can be asked. */
async function lostFrom(
  services: Services,
  envId: string,
  message: string,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const path = join(environmentLayout(services.settings.root, envId).mirrorDir, 'objects')
  const base = { check: 'mirror', path, key: { envId } } as const
  const { freshness } = services.settings
  const repair = async (source: Source) => {
    const credentials = await someCredentials(services, envId)
    const request = { envId, source, credentials, freshness, signal }
    await fetchLostObjects(mirrorContext(services, request))
  }
  return fromSource(services, envId, {
    ...problem(base, message, 'prepare'),
    end: 'they are fetched again',
    repair,
  })
}

interface RepairedFrom extends Omit<Diagnosis, 'repair'> {
  /** What the repair does, in words. */
  readonly end: string
  readonly repair: (source: Source) => Promise<void>
}

/** Put right from the remote where it is certain which one that is; else a prepare tells it. */
async function fromSource(services: Services, envId: string, found: RepairedFrom): Promise<Diagnosis> {
  const { end, repair, ...finding } = found
  const [source, ...others] = await sourcesOf(services, envId)
  if (source === undefined || others.length > 0) return finding
  const message = `${finding.message}; ${end}`
  return { ...finding, message, remedy: 'fix', repair: () => repair(parseSource(source)) }
}

async function sourcesOf(services: Services, envId: string): Promise<string[]> {
  const bound = await boundSource(services, envId)
  return bound === undefined ? recordedSources(services, envId) : [bound]
}

/** Those of any task: all are for the same remote. */
async function someCredentials(services: Services, envId: string): Promise<Credentials | undefined> {
  for (const record of await services.store.list(envId)) {
    const credentials = await recordedCredentials(services, record)
    if (credentials !== undefined) return credentials
  }
  return undefined
}

async function changesIn(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const source = await boundSource(services, envId)
  if (source === undefined) return []
  const { freshness } = services.settings
  const request = { envId, source: parseSource(source), credentials: undefined, freshness, signal }
  const context = mirrorContext(services, request)
  const repair = async (): Promise<void> => context.onTampered?.(await checkMirror(context, 'repair'))
  return (await checkMirror(context, 'look')).map((change) => ofChange(change, { envId }, repair))
}

async function changedRegistrations(
  services: Services,
  records: readonly SessionRecord[],
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const found: Diagnosis[] = []
  for (const record of records) {
    const { gitDir, registration } = record.tree ?? {}
    if (record.state === 'removing' || gitDir === undefined || registration === undefined) continue
    const check = { gitDir, registration, workDir: record.workDir, signal }
    const repair = async (): Promise<void> => void (await repairRegistration(services.git, check))
    const changes = await repairRegistration(services.git, { ...check, mode: 'look' })
    found.push(...changes.map((change) => ofChange(change, sessionKey(record), repair)))
  }
  return found
}

/** One repair puts all of a place right; the others then find nothing to do. */
function ofChange(
  { path, problem: message }: Tampering,
  key: DoctorFinding['key'],
  repair: () => Promise<void>,
): Diagnosis {
  const wording = `it was changed from outside: ${message}`
  return { check: 'mirror', level: 'problem', path, key, message: wording, remedy: 'fix', repair }
}
