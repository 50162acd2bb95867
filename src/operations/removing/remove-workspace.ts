import { rm } from 'node:fs/promises'
import { isSystemError, systemErrorCode } from '../../errors/system-error.js'
import { IntegrityError } from '../../errors/workspace-error.js'
import { sessionFacts } from '../../events/event-map.js'
import { assertStillHolding } from '../../fs/lock-context.js'
import { kindOf } from '../../fs/presence.js'
import { assertMirrorKinds } from '../../mirror/tamper-check.js'
import { environmentLayout } from '../../model/layout.js'
import type { CleanupReport } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import { describeKey } from '../../model/workspace-key.js'
import { currentOwner } from '../../sessions/owner.js'
import { restoreContext } from '../creating/write-task-files.js'
import { indexFileOf } from '../looking/index-file.js'
import type { Services } from '../services.js'
import { type Counting, countFreed, type Emptied, patienceFor } from './count-freed.js'
import { type BranchOfTask, removeBranch } from './remove-branch.js'
import { emptyTrash, type Keep, moveAside } from './task-trash.js'

export interface Removal extends BranchOfTask {
  readonly keep: Keep
  /** Default `all`. */
  readonly counting?: Counting | undefined
}

/** What a removal did. */
export type Removed = Pick<CleanupReport, 'branch'> & Emptied

/**
 * Takes a workspace away whose work has been looked after: aside by a rename first, then out of the
 * repository, then out of the registry. Every step may be repeated by the next cleanup if this one is killed. The
 * files themselves are deleted in the background.
 */
export function removeWorkspace(services: Services, removal: Removal): Promise<Removed> {
  return services.lease.during(() => removeStepByStep(services, removal))
}

async function removeStepByStep(services: Services, removal: Removal): Promise<Removed> {
  const { record, strategy, policy, keep, archiveId } = removal
  await assertOwnRepository(services, removal)
  const patience = await patienceFor(services, record, removal.counting ?? 'all')
  await step(services, 'mark')
  await services.store.transition(record, [record.state], (found) => ({
    ...found,
    state: 'removing',
    removal: { policy, keep, archiveId },
    // Whoever removes answers for it from here on.
    owner: currentOwner(),
    updatedAt: services.now().toISOString(),
  }))
  if (!strategy.traits.ownsDirectory) await restoreContext(record)
  await step(services, 'trash')
  const moved = await moveAsideOrTakeBack(services, removal)
  await step(services, 'unregister')
  await strategy.remove(record.tree ?? { workDir: record.workDir })
  const branch = await removeBranch(services, removal)
  await step(services, 'empty')
  const emptying = await emptyTrash(services, record, moved)
  await step(services, 'release')
  await rm(indexFileOf(services, record), { force: true })
  await services.store.release(record)
  // A finished one was released when it finished.
  if (record.finishedAt === undefined) services.events.emit('session.released', sessionFacts(record), {})
  return { branch, ...(await countFreed(emptying, patience)) }
}

/** The caller's own repository may be put together of links. */
async function assertOwnRepository(services: Services, { record, strategy }: Removal): Promise<void> {
  const { mirrorDir } = environmentLayout(services.settings.root, record.envId)
  if (strategy.traits.sharesRefs && record.tree?.gitDir === mirrorDir) await assertMirrorKinds(mirrorDir)
}

/** Nothing is taken away on the strength of a lock that somebody else has by now. */
async function step(services: Services, name: string): Promise<void> {
  await services.beforeStep('cleanup', name)
  await assertStillHolding()
}

/** A workspace that could not be moved stays what it was, so that the next cleanup looks into it again. */
async function moveAsideOrTakeBack(services: Services, { record, keep }: Removal): Promise<string[]> {
  try {
    return await moveAside(services, record, keep)
  } catch (error) {
    const isWhole = (await kindOf(record.workDir)) !== 'absent'
    if (isWhole && (record.state === 'ready' || record.state === 'finished')) {
      await services.store.transition(record, ['removing'], () => record)
    }
    if (!isSystemError(error, 'EPERM', 'EACCES', 'EBUSY')) throw error
    throw immovable(record, error)
  }
}

function immovable(record: SessionRecord, cause: unknown): IntegrityError {
  const message = `the workspace ${describeKey(record)} cannot be moved: ${record.rootDir} (${systemErrorCode(cause)})`
  return new IntegrityError('ROLLBACK_INCOMPLETE', message, {
    data: { path: record.rootDir, remaining: [record.rootDir] },
    hint: 'See whether it is immutable (lsattr), in use as a mount point, or the folder of another user.',
    cause,
  })
}
