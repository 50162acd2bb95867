import { messageOf } from '../errors/message-of.js'
import { throwIfStopped } from '../errors/stop-reason.js'
import { systemErrorCode } from '../errors/system-error.js'
import { isWorkspaceError } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { kindOf } from '../fs/presence.js'
import { endOrphans } from '../git/orphans.js'
import { clearTrustFiles } from '../git/trust-file.js'
import { environmentLayout } from '../model/layout.js'
import { objectFormatOf } from '../model/object-format.js'
import type { SessionRecord } from '../model/session-record.js'
import type { CompletionRequest } from '../strategies/strategy.js'
import { assertOwnFolder } from './assert-own-folder.js'
import { findStrategy } from './find-strategy.js'
import { indexFileOf } from './looking/index-file.js'
import { clearCheckout } from './removing/clear-checkout.js'
import type { Services } from './services.js'
import { repositoryOf } from './session-repository.js'
import { refuseSwappedRegistration } from './swapped-registration.js'

/**
 * Ends a refresh that was killed, or failed, while it wrote files, where the record tells of one; the session's lock is
 * held, so that none is at work. Work is never overwritten: where the agent went on among these files, they stay.
 * Answers with the record as it is then.
 */
export async function completeRefresh(
  services: Services,
  record: SessionRecord,
  signal: AbortSignal | undefined,
): Promise<SessionRecord> {
  const { refreshing, state, workDir } = record
  if (refreshing === undefined || (state !== 'ready' && state !== 'finished')) return record
  if ((await kindOf(workDir)) !== 'directory') return record
  await services.beforeStep('recover', 'refresh')
  // A git that outlived its orchestrator goes on writing.
  await endOrphans()
  await clearTrustFiles()
  const outcome = await complete(services, record, refreshing, signal)
  // The time of the last use stays: nobody has used it.
  const done = await services.store.transition(record, ['ready', 'finished'], (found) => ({
    ...found,
    base: outcome === 'completed' ? refreshing.base : found.base,
    refreshing: undefined,
  }))
  const { from: before, to: after } = refreshing
  const told = { before, after, mode: 'completed' }
  if (outcome === 'completed') services.events.emit('workspace.refreshed', sessionFacts(done), told)
  return done
}

/** The same for what goes on without: what cannot be completed is told as a warning, and counts as the agent's. */
export async function completeRefreshIfPossible(
  services: Services,
  record: SessionRecord,
  signal: AbortSignal | undefined,
): Promise<SessionRecord> {
  try {
    return await completeRefresh(services, record, signal)
  } catch (error) {
    throwIfStopped(signal)
    if (!isWorkspaceError(error) && systemErrorCode(error) === undefined) throw error
    await assertStillHolding()
    const code = isWorkspaceError(error) ? error.code : 'GIT_FAILED'
    const message = `a refresh that was killed could not be completed: ${messageOf(error)}`
    services.events.emit('warning', sessionFacts(record), { code, message })
    return record
  }
}

async function complete(
  services: Services,
  record: SessionRecord,
  { from, to }: CompletionRequest['move'],
  signal: AbortSignal | undefined,
): Promise<'completed' | 'left'> {
  const strategy = findStrategy(services, record.strategy)
  if (strategy.completeRefresh === undefined) return 'left'
  await assertOwnFolder(services.settings.root, record)
  await refuseSwappedRegistration(services, record, strategy, signal)
  await clearCheckout(services, record)
  return strategy.completeRefresh(record.tree ?? { workDir: record.workDir }, {
    key: record,
    move: { from, to },
    // The one that the refresh had its commit from; nothing is fetched.
    repository: { ...repositoryOf({ services, record, strategy }), objectFormat: objectFormatOf(to) },
    scratchDir: environmentLayout(services.settings.root, record.envId).scratchDir,
    shape: record.shape,
    indexFile: indexFileOf(services, record),
    signal,
  })
}
