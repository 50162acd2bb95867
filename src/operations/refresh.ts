import { GitError, hasErrorCode, InputError } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { kindOf } from '../fs/presence.js'
import { environmentLayout } from '../model/layout.js'
import { effectiveLimits } from '../model/limits.js'
import type { RefreshOptions, RefreshReport } from '../model/reports.js'
import type { SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import { isSameSession, type SessionIdentity } from '../sessions/session-identity.js'
import type { RefreshRequest, Strategy } from '../strategies/strategy.js'
import { assertOwnFolder } from './assert-own-folder.js'
import { completeRefresh } from './complete-refresh.js'
import { type BaseRequest, type OpenedBase, openBase } from './creating/open-base.js'
import { environmentExists } from './environment-folder.js'
import { findStrategy } from './find-strategy.js'
import { noSession } from './finish.js'
import { indexFileOf } from './looking/index-file.js'
import { recordedCredentials, recordedSource } from './recorded-source.js'
import type { Services } from './services.js'
import { withSession } from './session-lock.js'
import { refuseSwappedRegistration } from './swapped-registration.js'

/**
 * Brings a workspace up to date with the ref that it was made from.
 *
 * @throws IntegrityError NOT_FAST_FORWARD when changes or commits would be overwritten; nothing was touched.
 */
export async function refresh(
  services: Services,
  key: WorkspaceKey,
  options: RefreshOptions,
  only?: SessionIdentity,
): Promise<RefreshReport> {
  if (!(await environmentExists(services, key.envId))) throw noSession(key)
  return withSession(services, key, options.signal, async (signal) => {
    const record = await services.store.read(key)
    if (record === undefined || (await kindOf(record.workDir)) !== 'directory') throw noSession(key)
    if (only !== undefined && !isSameSession(record, only)) throw noSession(key)
    return refreshLocked(services, record, { ...options, signal })
  })
}

async function refreshLocked(
  services: Services,
  record: SessionRecord,
  options: RefreshOptions,
): Promise<RefreshReport> {
  const strategy = findStrategy(services, record.strategy)
  const source = recordedSource(record)
  if (strategy.refresh === undefined || record.base === undefined || source === undefined)
    throw cannotRefresh(strategy)
  await assertOwnFolder(services.settings.root, record)
  await refuseSwappedRegistration(services, record, strategy, options.signal)
  await services.beforeStep('refresh', 'fetch')
  const opened = await openBaseAgain(services, {
    envId: record.envId,
    source,
    credentials: await recordedCredentials(services, record),
    sharesRefs: strategy.traits.sharesRefs,
    baseRef: record.base.ref === 'HEAD' ? undefined : record.base.ref,
    shape: record.shape,
    limits: effectiveLimits(services.settings.limits, record.limits),
    freshness: services.settings.freshness,
    signal: options.signal,
  })
  const { base = opened.base } = await completeRefresh(services, record, options.signal)
  await services.beforeStep('refresh', 'checkout')
  const report = await refreshBy(services, record, strategy, {
    key: record,
    mode: options.mode ?? 'fast-forward',
    startedFrom: base.commit,
    ref: opened.base.ref,
    commit: opened.base.commit,
    repository: opened.repository,
    stale: opened.base.stale,
    shape: record.shape,
    scratchDir: environmentLayout(services.settings.root, record.envId).scratchDir,
    indexFile: indexFileOf(services, record),
    beforeWriting: (move) => noteMove(services, record, { ...move, base: opened.base }),
    signal: options.signal,
  })
  await services.beforeStep('refresh', 'record')
  const updated = await services.store.transition(record, ['ready', 'finished'], (found) => ({
    ...found,
    base: opened.base,
    refreshing: undefined,
    updatedAt: services.now().toISOString(),
  }))
  const { before, after, mode } = report
  services.events.emit('workspace.refreshed', sessionFacts(updated), { before, after, mode })
  return report
}

/** The ref was chosen when the workspace was made, and upstream may have renamed or deleted it since. */
async function openBaseAgain(services: Services, request: BaseRequest): Promise<OpenedBase> {
  try {
    return await openBase(services, request)
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_REF_MISSING')) throw error
    const hint = 'Finish the work as it is, or prepare another workspace from a branch that the source has.'
    throw new GitError(error.code, error.message, { data: error.data, hint, cause: error })
  }
}

/** What was refused touched nothing, so that there is nothing to be completed either. */
async function refreshBy(
  services: Services,
  record: SessionRecord,
  strategy: Strategy,
  request: RefreshRequest,
): Promise<RefreshReport> {
  try {
    const report = await strategy.refresh?.(record.tree ?? { workDir: record.workDir }, request)
    if (report === undefined) throw cannotRefresh(strategy)
    return report
  } catch (error) {
    if (hasErrorCode(error, 'NOT_FAST_FORWARD')) await noteMove(services, record, undefined)
    throw error
  }
}

/** On disk before the first file is written, so that whoever finds it can tell what the files belong to. */
async function noteMove(
  services: Services,
  record: SessionRecord,
  refreshing: SessionRecord['refreshing'],
): Promise<void> {
  if (refreshing === undefined && (await services.store.read(record))?.refreshing === undefined) return
  await services.store.transition(record, ['ready', 'finished'], (found) => ({ ...found, refreshing }))
  if (refreshing !== undefined) await services.beforeStep('refresh', 'write')
}

function cannotRefresh(strategy: Strategy): InputError {
  return new InputError(
    'OPTIONS_INVALID',
    `a workspace of the strategy "${strategy.name}" cannot be refreshed`,
    {
      data: { field: 'strategy', strategy: strategy.name },
      hint: 'Only a workspace made from a repository has something to be brought up to date with.',
    },
  )
}
