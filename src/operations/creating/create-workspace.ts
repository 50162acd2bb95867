import { join } from 'node:path'
import { messageOf } from '../../errors/message-of.js'
import { isWorkspaceError } from '../../errors/workspace-error.js'
import { sessionFacts } from '../../events/event-map.js'
import { removeIfEmpty } from '../../fs/contained-path.js'
import { assertStillHolding } from '../../fs/lock-context.js'
import { isPresent } from '../../fs/presence.js'
import { asStorageFailure } from '../../fs/storage-failure.js'
import { deleteTree } from '../../fs/trash.js'
import { vouchFor } from '../../git/settled-index.js'
import { environmentLayout, taskLayout } from '../../model/layout.js'
import { effectiveLimits } from '../../model/limits.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import type { SessionRecord, Tree } from '../../model/session-record.js'
import type { WorkspaceKey } from '../../model/workspace-key.js'
import { currentOwner } from '../../sessions/owner.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import { deleteBranch } from '../../strategies/branch.js'
import type { Strategy } from '../../strategies/strategy.js'
import { callersFiles, makeTaskFolders, missingTaskFolders } from '../../task-files/task-files.js'
import { hideFromOldCheckout } from '../environment-folder.js'
import { indexFileOf } from '../looking/index-file.js'
import { ownershipOf } from '../own-mirror.js'
import type { Services } from '../services.js'
import { UndoStack } from '../undo-stack.js'
import {
  type BranchTip,
  type Creation,
  type CreationParts,
  checkoutStep,
  plannedTree,
  step,
} from './checkout-step.js'
import { withHolder } from './name-holder.js'
import { type OpenedBase, openBase } from './open-base.js'
import { putBranchBack } from './own-branch.js'
import { reserve } from './reserve.js'
import { restoreContext, writeTaskFiles } from './write-task-files.js'

/** Makes a workspace, step by step; each step's undo is known before the step runs. */
export async function createWorkspace(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
  parts?: CreationParts,
): Promise<SessionRecord> {
  const creation: Creation = { services, settings, strategy, undo: new UndoStack() }
  const startedAt = performance.now()
  let reserved: SessionRecord | undefined
  try {
    const standing = await parts?.replaceable(creation)
    reserved = await reserveStep(creation, standing)
    const opened = await (parts ?? { openBase: baseStep }).openBase(creation)
    const replaces = reserved.branch === standing?.branch ? standing : undefined
    const preparing = await markPreparing(creation, opened, replaces)
    await takeBranchAway(creation, preparing)
    await foldersStep(creation)
    const tree = await checkoutStep(creation, preparing, opened, parts?.lineEnds)
    await parts?.afterCheckout(creation, preparing, tree)
    const contextDir = await filesStep(creation, reserved, tree)
    await parts?.afterFiles(creation, preparing, contextDir)
    // A restore has written files of its own, in what may have been the same moment.
    if (parts === undefined) await vouchFor(indexFileOf(services, settings.key))
    const record = await readyStep(creation, tree, contextDir)
    services.events.emit('workspace.ready', sessionFacts(record), {
      strategy: strategy.name,
      durationMs: Math.round(performance.now() - startedAt),
    })
    return record
  } catch (error) {
    throw await withHolder(creation, await rollBack(creation, reserved, error))
  }
}

async function reserveStep(
  { services, settings, strategy, undo }: Creation,
  standing: BranchTip | undefined,
): Promise<SessionRecord> {
  await step(services, settings, 'reserve')
  undo.deferRelease('session record', () => releaseOwn(services, settings.key))
  const record = await reserve(services, settings, strategy, standing?.branch)
  services.events.emit('session.reserved', sessionFacts(record), { strategy: strategy.name })
  return record
}

async function baseStep({ services, settings, strategy }: Creation): Promise<OpenedBase | undefined> {
  await step(services, settings, 'base')
  if (!strategy.traits.usesRepository || settings.source === undefined) return undefined
  settings.onProgress?.({ phase: 'fetch' })
  return openBase(services, {
    envId: settings.key.envId,
    source: settings.source,
    credentials: settings.credentials,
    sharesRefs: strategy.traits.sharesRefs,
    baseRef: settings.baseRef,
    shape: settings.shape,
    limits: effectiveLimits(services.settings.limits, settings.limits),
    freshness: freshnessOf(services, settings),
    signal: settings.signal,
    onFetchProgress: (percent) => settings.onProgress?.({ phase: 'fetch', percent }),
  })
}

async function markPreparing(
  { services, settings }: Creation,
  opened: OpenedBase | undefined,
  replaces: BranchTip | undefined,
): Promise<SessionRecord> {
  await step(services, settings, 'preparing')
  const record = await services.store.transition(settings.key, ['reserved'], (reserved) => ({
    ...reserved,
    state: 'preparing',
    base: opened?.base,
    // What a later process needs to undo a checkout that this one never finished.
    tree: plannedTree(reserved, opened),
    replaces,
    updatedAt: services.now().toISOString(),
  }))
  services.events.emit('workspace.preparing', sessionFacts(record), { strategy: record.strategy })
  return record
}

/** The record says where it was before it goes, so that whoever undoes this puts it back. */
async function takeBranchAway({ services, settings, undo }: Creation, record: SessionRecord): Promise<void> {
  const { replaces } = record
  const gitDir = record.tree?.gitDir
  if (replaces === undefined || gitDir === undefined) return
  await step(services, settings, 'replace')
  undo.defer(`branch ${replaces.branch}`, () => putBranchBack(services, record))
  const ownership = ownershipOf(services, settings.key.envId, gitDir)
  await deleteBranch(services.git, { ...ownership, gitDir, ...replaces, signal: settings.signal })
}

async function foldersStep({ services, settings, undo }: Creation): Promise<void> {
  await step(services, settings, 'folders')
  const layout = taskLayout(services.settings.root, settings.key)
  const { tasksDir } = environmentLayout(services.settings.root, settings.key.envId)
  // Asked before, since a folder may be made and the next one not.
  const missing = await missingTaskFolders(layout)
  undo.defer('task folders', async () => {
    // A folder that was there before, kept by an earlier cleanup, stays with all that is in it.
    if (missing.includes(layout.rootDir)) return deleteTree(layout.rootDir)
    for (const folder of missing) await removeIfEmpty(folder)
  })
  await makeTaskFolders(layout, tasksDir)
  await hideFromOldCheckout(services, settings.key.envId, layout.rootDir)
}

async function filesStep(
  { services, settings, strategy, undo }: Creation,
  record: SessionRecord,
  tree: Tree,
): Promise<string> {
  await step(services, settings, 'files')
  settings.onProgress?.({ phase: 'context' })
  const made = { ...record, workDir: tree.workDir }
  if (!strategy.traits.ownsDirectory) undo.defer('context files', () => restoreContext(made))
  const request = { settings, strategy, record: made, tree }
  return writeTaskFiles(services, request, undefined)
}

async function readyStep(
  { services, settings, strategy }: Creation,
  tree: Tree,
  contextDir: string,
): Promise<SessionRecord> {
  await step(services, settings, 'ready')
  const notices = strategy.traits.usesRepository
    ? await noticesOf({ services, settings, strategy }, tree)
    : []
  const record = await services.store.transition(settings.key, ['preparing'], (preparing) => ({
    ...preparing,
    state: 'ready',
    replaces: undefined,
    tree,
    workDir: tree.workDir,
    contextDir,
    taskFiles: callersFiles(settings),
    notices: notices.length === 0 ? undefined : notices,
    updatedAt: services.now().toISOString(),
  }))
  for (const message of notices)
    services.events.emit('warning', sessionFacts(record), { code: 'CHECKOUT_NOTICE', message })
  return record
}

async function noticesOf(
  { services, settings, strategy }: Pick<Creation, 'services' | 'settings' | 'strategy'>,
  tree: Tree,
): Promise<readonly string[]> {
  const { gitDir } = agentRepository(strategy.traits, tree)
  const own = indexFileOf(services, settings.key)
  // A custom strategy may leave only the index in the checkout, which nobody else has had hold of yet.
  const indexFile = (await isPresent(own)) ? own : join(gitDir, 'index')
  return services.notices.of(tree.baseCommit, settings.shape?.sparse, {
    workDir: tree.workDir,
    gitDir,
    indexFile,
  })
}

/** A claim may fail after its record was written; under the session's lock a record of this process is its own. */
async function releaseOwn({ store }: Services, key: WorkspaceKey): Promise<void> {
  const record = await store.read(key)
  if (record?.owner.id === currentOwner().id) await store.release(key)
}

async function rollBack(
  { services, settings, undo }: Creation,
  reserved: SessionRecord | undefined,
  failure: unknown,
): Promise<unknown> {
  const { key, taskRunId, workflowRunId } = settings
  const facts = reserved === undefined ? { key, taskRunId, workflowRunId } : sessionFacts(reserved)
  const error = await undoUnlessLost(undo, asStorageFailure(failure, services.settings.root))
  const code = isWorkspaceError(error) ? error.code : undefined
  const message = messageOf(error)
  services.events.emit('workspace.rolledBack', facts, { code, message })
  // What could not be undone stays the session's, for the next prepare or sweep to undo.
  if (reserved !== undefined && code !== 'ROLLBACK_INCOMPLETE')
    services.events.emit('session.released', facts, {})
  return error
}

/** Whoever has taken the session's lock meanwhile has undone what was there, and made something of its own. */
async function undoUnlessLost(undo: UndoStack, failure: unknown): Promise<unknown> {
  try {
    return await undo.rollBack(failure, assertStillHolding)
  } catch (loss) {
    return loss
  }
}

function freshnessOf(services: Services, settings: PrepareSettings): Services['settings']['freshness'] {
  const { freshness } = settings
  if (freshness === undefined) return services.settings.freshness
  return { mode: freshness.mode, maxAgeMs: freshness.maxAgeMs ?? services.settings.freshness.maxAgeMs }
}
