import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { kindOf, namesIn } from '../fs/presence.js'
import { endOrphans } from '../git/orphans.js'
import { clearTrustFiles } from '../git/trust-file.js'
import type { SessionRecord } from '../model/session-record.js'
import type { Strategy } from '../strategies/strategy.js'
import { findStrategy } from './find-strategy.js'
import { indexFileOf } from './index-file.js'
import { deleteOwnBranch } from './own-branch.js'
import { refuseToLose } from './refuse-to-lose.js'
import { emptyTrash, moveAside, type Removed, removeWorkspace } from './remove-workspace.js'
import type { Services } from './services.js'
import { restoreContext } from './write-task-files.js'

/** What a recovery did, and whether a workspace is still there afterwards. */
export interface Recovered extends Removed {
  readonly left: 'nothing' | 'workspace'
}

/**
 * Puts right what a verb that never ended left of a session; the session's lock is held. What was being made
 * is undone, what was being removed is removed, and of a workspace whose folder vanished the rest goes too. A removal
 * that had not moved anything yet is taken back where the agent has work by now that would be lost.
 */
export async function recoverSession(services: Services, record: SessionRecord): Promise<Recovered> {
  await services.beforeStep('recover', record.state)
  // A git that outlived its orchestrator would go on writing into what is about to be removed.
  await endOrphans()
  await clearTrustFiles()
  if (record.state === 'reserved' || record.state === 'preparing') return undo(services, record)
  const strategy = findStrategy(services, record.strategy)
  const asked = record.removal ?? { policy: 'archive', keep: 'all but checkout' }
  // A removal that had moved the checkout away had looked before. Else the agent may have gone on meanwhile.
  const hasLooked = record.state === 'removing' && (await kindOf(record.workDir)) === 'absent'
  if (!hasLooked && (await hasWork(services, record, strategy))) return takeBack(services, record)
  return { ...(await removeWorkspace(services, { record, strategy, ...asked })), left: 'nothing' }
}

/** For verbs that do not report themselves what came of it. */
export async function recoverAndTell(services: Services, record: SessionRecord): Promise<Recovered> {
  const startedAt = performance.now()
  const recovered = await recoverSession(services, record)
  if (record.state === 'reserved' || record.state === 'preparing') return recovered
  const durationMs = Math.round(performance.now() - startedAt)
  const { freedBytes } = recovered
  const outcome =
    recovered.left === 'nothing'
      ? ({ action: 'removed', reason: 'what an earlier removal had left was removed' } as const)
      : ({
          action: 'kept',
          reason: 'its removal never ended, and it has work that is saved nowhere',
        } as const)
  services.events.emit('cleanup.completed', sessionFacts(record), { ...outcome, freedBytes, durationMs })
  return recovered
}

/** Whether a removal that never got to move anything would lose work now. @throws UNSAVED_WORK for a lost checkout */
async function hasWork(services: Services, record: SessionRecord, strategy: Strategy): Promise<boolean> {
  try {
    await refuseToLose(services, record, strategy)
    return false
  } catch (error) {
    if (record.state !== 'removing' || !hasErrorCode(error, 'UNSAVED_WORK')) throw error
    return true
  }
}

async function takeBack(services: Services, record: SessionRecord): Promise<Recovered> {
  await services.store.transition(record, ['removing'], (found) => ({
    ...found,
    state: found.finishedAt === undefined ? 'ready' : 'finished',
    removal: undefined,
    updatedAt: services.now().toISOString(),
  }))
  return { left: 'workspace' }
}

/** Nothing was handed out yet, so that no agent can have worked in it. */
async function undo(services: Services, record: SessionRecord): Promise<Recovered> {
  const strategy = findStrategy(services, record.strategy)
  if (!strategy.traits.ownsDirectory) await restoreContext(record)
  const freedBytes = record.state === 'preparing' ? await undoPreparing(services, record, strategy) : 0
  await rm(indexFileOf(services, record), { force: true })
  await services.store.release(record)
  services.events.emit('session.released', sessionFacts(record), {})
  return { freedBytes, left: 'nothing' }
}

/** By renames first: a git that outlived its orchestrator may still be writing into the checkout. */
async function undoPreparing(services: Services, record: SessionRecord, strategy: Strategy): Promise<number> {
  await moveAside(services, { record, keep: 'artifacts' })
  for (const folder of ['output', 'logs']) await removeIfEmpty(join(record.rootDir, folder))
  const left = await namesIn(record.rootDir)
  const isNothing = (name: string) => name === '.gitignore' || name.startsWith('.trash-')
  if (left.every(isNothing)) await rm(record.rootDir, { recursive: true, force: true })
  await strategy.remove(record.tree ?? { workDir: record.workDir })
  if (strategy.traits.sharesRefs) await deleteOwnBranch(services, record)
  return emptyTrash(services, record)
}
