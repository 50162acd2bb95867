import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { diskUsage } from '../fs/disk-usage.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { isPresent, namesIn } from '../fs/presence.js'
import { deleteTree, moveToTrash, trashBeside } from '../fs/trash.js'
import { readRef } from '../git/agent-git-dir.js'
import { environmentLayout } from '../model/layout.js'
import type { OnUnsavedWork } from '../model/options.js'
import type { CleanupReport } from '../model/reports.js'
import type { SessionRecord } from '../model/session-record.js'
import { sessionName } from '../model/workspace-key.js'
import { currentOwner } from '../sessions/owner.js'
import { deleteBranch } from '../strategies/branch.js'
import type { Strategy } from '../strategies/strategy.js'
import { assertOwnFolder } from './assert-own-folder.js'
import { indexFileOf } from './index-file.js'
import { isInCallersRepository } from './look-for-work.js'
import type { Services } from './services.js'
import { restoreContext } from './write-task-files.js'

export interface Removal {
  readonly record: SessionRecord
  readonly strategy: Strategy
  readonly policy: OnUnsavedWork
  /** `all but checkout`: for one that vanished, while what is beside it is still there. */
  readonly keep: 'nothing' | 'artifacts' | 'all but checkout'
}

/** What a removal did. */
export type Removed = Pick<CleanupReport, 'branch' | 'freedBytes'>

/** With the file that hides them from an old shared checkout. */
const ARTIFACTS: readonly string[] = ['output', 'logs', '.gitignore']

/**
 * Takes a workspace away whose work has been looked after: aside by a rename first, then out of the
 * repository, then out of the registry. Every step may be repeated by the next cleanup if this one is killed.
 */
export function removeWorkspace(services: Services, removal: Removal): Promise<Removed> {
  return services.lease.during(() => removeStepByStep(services, removal))
}

async function removeStepByStep(services: Services, removal: Removal): Promise<Removed> {
  const { record, strategy } = removal
  await step(services, 'mark')
  await services.store.transition(record, [record.state], (found) => ({
    ...found,
    state: 'removing',
    removal: { policy: removal.policy, keep: removal.keep },
    // Whoever removes answers for it from here on.
    owner: currentOwner(),
    updatedAt: services.now().toISOString(),
  }))
  if (!strategy.traits.ownsDirectory) await restoreContext(record)
  await step(services, 'trash')
  await moveAsideOrTakeBack(services, removal)
  await step(services, 'unregister')
  await strategy.remove(record.tree ?? { workDir: record.workDir })
  const branch = await removeBranch(services, removal)
  await step(services, 'empty')
  const freedBytes = await emptyTrash(services, record)
  await step(services, 'release')
  await rm(indexFileOf(services, record), { force: true })
  await services.store.release(record)
  // A finished one was released when it finished.
  if (record.finishedAt === undefined) services.events.emit('session.released', sessionFacts(record), {})
  return { branch, freedBytes }
}

/** Nothing is taken away on the strength of a lock that somebody else has by now. */
async function step(services: Services, name: string): Promise<void> {
  await services.beforeStep('cleanup', name)
  await assertStillHolding()
}

/** A workspace that could not be moved stays what it was, so that the next cleanup looks into it again. */
async function moveAsideOrTakeBack(services: Services, removal: Removal): Promise<void> {
  const { record } = removal
  try {
    await moveAside(services, removal)
  } catch (error) {
    if (record.state === 'ready' || record.state === 'finished') {
      await services.store.transition(record, ['removing'], () => record)
    }
    throw error
  }
}

/** Moves a task's folder, or all of it but for its artifacts, into the session's part of the trash. */
export async function moveAside(
  services: Services,
  { record, keep }: Pick<Removal, 'record' | 'keep'>,
): Promise<void> {
  await assertOwnFolder(services.settings.root, record)
  const { rootDir } = record
  const names = await namesIn(rootDir)
  const paths = {
    nothing: [rootDir],
    artifacts: names.filter((name) => !ARTIFACTS.includes(name)).map((name) => join(rootDir, name)),
    'all but checkout': [join(rootDir, 'workdir')],
  }
  const trash = sessionTrash(services, record)
  await Promise.all(paths[keep].map((path) => moveToTrash(path, trash)))
}

/**
 * Deletes what this session has in the trash, also what an earlier removal that was killed left there. What
 * cannot be deleted is said, and stays out of the way.
 *
 * @returns the bytes of disk blocks that it took.
 */
export async function emptyTrash(services: Services, record: SessionRecord): Promise<number> {
  const trash = sessionTrash(services, record)
  const inTask = (await namesIn(record.rootDir)).filter((name) => name.startsWith('.trash-'))
  const beside = [...(await trashBeside(record.rootDir)), ...inTask.map((name) => join(record.rootDir, name))]
  const places = (await isPresent(trash)) ? [trash, ...beside] : beside
  const freed = await Promise.all(places.map((place) => emptyPlace(services, record, place)))
  return freed.reduce((sum, bytes) => sum + bytes, 0)
}

async function emptyPlace(services: Services, record: SessionRecord, place: string): Promise<number> {
  const bytes = await diskUsage(place)
  try {
    await deleteTree(place)
    return bytes
  } catch (error) {
    if (!hasErrorCode(error, 'ROLLBACK_INCOMPLETE')) throw error
    services.events.emit('warning', sessionFacts(record), { code: error.code, message: error.message })
    return bytes - (await diskUsage(place))
  }
}

function sessionTrash(services: Services, record: SessionRecord): string {
  return join(environmentLayout(services.settings.root, record.envId).trashDir, sessionName(record))
}

async function removeBranch(services: Services, removal: Removal): Promise<CleanupReport['branch']> {
  const { record, strategy } = removal
  const name = record.branch
  if (name === undefined) return undefined
  if (!strategy.traits.sharesRefs) return { name, deleted: true, why: 'it lived in the removed clone' }
  const gitDir = record.tree?.gitDir
  const tip = gitDir && (await branchTip(gitDir, name))
  if (gitDir === undefined || tip === undefined) return { name, deleted: true, why: 'it was gone already' }
  if (!(await isDisposable(services, removal, gitDir, tip))) {
    return { name, deleted: false, why: 'it has commits that no other branch has' }
  }
  const result = await deleteBranch(services.git, { gitDir, branch: name, commit: tip })
  return result === 'deleted'
    ? { name, deleted: true, why: 'its commits are saved elsewhere, or were to be discarded' }
    : { name, deleted: false, why: 'it moved meanwhile' }
}

function branchTip(gitDir: string, name: string): Promise<string | undefined> {
  return readRef({ gitDir, commonDir: gitDir }, `refs/heads/${name}`)
}

/** Whether deleting the branch loses nothing, or only what the caller said to discard. */
async function isDisposable(
  services: Services,
  removal: Removal,
  gitDir: string,
  tip: string,
): Promise<boolean> {
  const { record, strategy, policy } = removal
  const isCallers = isInCallersRepository({ services, record, strategy })
  if (policy === 'discard' && !isCallers) return true
  const saved = isCallers
    ? [`--exclude=refs/heads/${record.branch}`, '--glob=refs/*']
    : ['--glob=refs/remotes/origin/*']
  const base = record.base === undefined ? [] : [record.base.commit]
  const { stdout } = await services.git.run({
    args: ['rev-list', '--max-count=1', tip, '--not', ...saved, ...base],
    gitDir,
  })
  return stdout.trim() === ''
}
