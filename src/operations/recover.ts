import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { namesIn } from '../fs/presence.js'
import { endOrphans } from '../git/orphans.js'
import { clearTrustFiles } from '../git/trust-file.js'
import type { ArchiveRecord } from '../model/archive-record.js'
import type { OnUnsavedWork } from '../model/options.js'
import type { SessionRecord } from '../model/session-record.js'
import { sessionTaken } from '../sessions/collisions.js'
import { describeOwner } from '../sessions/owner.js'
import type { Strategy } from '../strategies/strategy.js'
import { saveWork } from './archiving/save-work.js'
import { assertOwnFolder } from './assert-own-folder.js'
import { deleteOwnBranch, putBranchBack } from './creating/own-branch.js'
import { restoreContext } from './creating/write-task-files.js'
import { findStrategy } from './find-strategy.js'
import { hasMovedAway } from './looking/has-moved-away.js'
import { indexFileOf } from './looking/index-file.js'
import { countFreed, describeLeft, type Emptied, PATIENT } from './removing/count-freed.js'
import { reasonToKeep } from './removing/reason-to-keep.js'
import { type Removed, removeWorkspace } from './removing/remove-workspace.js'
import { emptyTrash, moveAside } from './removing/task-trash.js'
import type { Services } from './services.js'

/** What a recovery did, and whether a workspace is still there afterwards. */
export interface Recovered extends Removed {
  readonly stays: 'nothing' | 'workspace'
  readonly archive?: ArchiveRecord | undefined
}

/**
 * Puts right what a verb that never ended left of a session; the session's lock is held. What was being made
 * is undone, what was being removed is removed, and of a workspace whose folder vanished the rest goes too. Where the
 * agent has work by now that would be lost, it is archived, or the removal is taken back, as its policy was.
 */
export async function recoverSession(services: Services, record: SessionRecord): Promise<Recovered> {
  await services.beforeStep('recover', record.state)
  // A git that outlived its orchestrator would go on writing into what is about to be removed.
  await endOrphans()
  await clearTrustFiles()
  if (record.state === 'reserved' || record.state === 'preparing') return undo(services, record)
  const strategy = findStrategy(services, record.strategy)
  const asked = record.removal ?? { policy: services.settings.onUnsavedWork, keep: 'all but checkout' }
  // A removal that had moved the checkout away had looked before. Else the agent may have gone on meanwhile.
  const hasLooked = await hasMovedAway(record)
  if (!hasLooked && (await isForbidden(record, strategy))) return takeBack(services, record)
  const saved = hasLooked ? {} : await save(services, record, strategy, asked.policy)
  if (saved === 'unsaved') return takeBack(services, record)
  const { archive } = saved
  const archiveId = archive?.archiveId ?? asked.archiveId
  const removed = await removeWorkspace(services, { record, strategy, ...asked, archiveId })
  return { ...removed, archive, stays: 'nothing' }
}

/** For verbs that do not report themselves what came of it. */
export async function recoverAndTell(services: Services, record: SessionRecord): Promise<Recovered> {
  const startedAt = performance.now()
  const recovered = await recoverSession(services, record)
  if (record.state === 'reserved' || record.state === 'preparing') return recovered
  const durationMs = Math.round(performance.now() - startedAt)
  const { freedBytes } = recovered
  const told = { ...outcomeOf(recovered), freedBytes, durationMs }
  services.events.emit('cleanup.completed', sessionFacts(record), told)
  return recovered
}

function outcomeOf({ stays, left }: Recovered) {
  if (stays === 'workspace')
    return {
      action: 'kept',
      reason: 'its removal never ended, and it has work that is saved nowhere',
    } as const
  if (left.length > 0) return { action: 'kept', reason: describeLeft(left) } as const
  return { action: 'removed', reason: 'what an earlier removal had left was removed' } as const
}

/** @throws ContentionError SESSION_TAKEN for what no removal was begun of, so that there is none to be taken back. */
async function isForbidden(record: SessionRecord, strategy: Strategy): Promise<boolean> {
  const reason = await reasonToKeep(record, strategy)
  if (reason === undefined || record.state === 'removing') return reason !== undefined
  throw sessionTaken(record, reason, describeOwner(record))
}

/**
 * Nothing of this is lost, whatever the policy was: it was asked before the agent made this.
 *
 * @throws UNSAVED_WORK for a lost checkout
 */
async function save(
  services: Services,
  record: SessionRecord,
  strategy: Strategy,
  policy: OnUnsavedWork,
): Promise<Pick<Recovered, 'archive'> | 'unsaved'> {
  await assertOwnFolder(services.settings.root, record)
  try {
    const saving = policy === 'archive' ? policy : 'refuse'
    return { archive: await saveWork(services, { record, strategy, policy: saving }) }
  } catch (error) {
    if (record.state !== 'removing' || !hasErrorCode(error, 'UNSAVED_WORK')) throw error
    return 'unsaved'
  }
}

async function takeBack(services: Services, record: SessionRecord): Promise<Recovered> {
  await services.store.transition(record, ['removing'], (found) => ({
    ...found,
    state: found.finishedAt === undefined ? 'ready' : 'finished',
    removal: undefined,
    updatedAt: services.now().toISOString(),
  }))
  return { stays: 'workspace', left: [] }
}

const NOTHING: Emptied = { freedBytes: 0, left: [] }

/** Nothing was handed out yet, so that no agent can have worked in it. */
async function undo(services: Services, record: SessionRecord): Promise<Recovered> {
  const strategy = findStrategy(services, record.strategy)
  if (!strategy.traits.ownsDirectory) await restoreContext(record)
  const undone = record.state === 'preparing' ? await undoPreparing(services, record, strategy) : NOTHING
  await rm(indexFileOf(services, record), { force: true })
  await services.store.release(record)
  services.events.emit('session.released', sessionFacts(record), {})
  return { ...undone, stays: 'nothing' }
}

/** By renames first: a git that outlived its orchestrator may still be writing into the checkout. */
async function undoPreparing(
  services: Services,
  record: SessionRecord,
  strategy: Strategy,
): Promise<Emptied> {
  const moved = await moveAside(services, record, 'artifacts')
  for (const folder of ['output', 'logs']) await removeIfEmpty(join(record.rootDir, folder))
  await assertStillHolding()
  const left = await namesIn(record.rootDir)
  const isNothing = (name: string) => name === '.gitignore' || name.startsWith('.trash-')
  if (left.every(isNothing)) await rm(record.rootDir, { recursive: true, force: true })
  await assertStillHolding()
  await strategy.remove(record.tree ?? { workDir: record.workDir })
  if (strategy.traits.sharesRefs) {
    await deleteOwnBranch(services, record)
    await putBranchBack(services, record)
  }
  return countFreed(await emptyTrash(services, record, moved), PATIENT)
}
