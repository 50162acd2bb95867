import { IntegrityError } from '../errors/workspace-error.js'
import { harmless } from '../events/event-bus.js'
import { sessionFacts } from '../events/event-map.js'
import { asStorageFailure } from '../fs/storage-failure.js'
import type { ArchiveRecord } from '../model/archive-record.js'
import { environmentLayout } from '../model/layout.js'
import type { PrepareSettings } from '../model/prepare-request.js'
import type { RestoreOptions, RestoreRequest, RestoreTarget } from '../model/restore-options.js'
import type { SessionRecord } from '../model/session-record.js'
import { describeKey, sessionName, type WorkspaceKey } from '../model/workspace-key.js'
import { openArchive } from '../preservation/restore-archive.js'
import { sessionTaken } from '../sessions/collisions.js'
import { describeOwner } from '../sessions/owner.js'
import type { Strategy } from '../strategies/strategy.js'
import { assertFileNames } from '../task-files/file-names.js'
import { canonicalSource } from './creating/bind-source.js'
import { createWorkspace } from './creating/create-workspace.js'
import { ensureEnvironment, environmentExists } from './environment-folder.js'
import { findStrategy } from './find-strategy.js'
import { lookAtArchives, readArchive } from './list-archives.js'
import { readSession } from './read-session.js'
import { recordedSource } from './recorded-source.js'
import { recoverAndTell } from './recover.js'
import { restoreParts } from './restoring/restore-steps.js'
import type { Services } from './services.js'
import { withSession } from './session-lock.js'

/**
 * Brings an archived workspace back, in its own place or in another task's: branches, commits, stashes, index, files,
 * and whatever was begun and not ended. The archive stays.
 *
 * @throws InputError PATH_OUTSIDE_ROOT naming a file that would leave its folder.
 * @throws IntegrityError WORKSPACE_MISSING naming the field where there is no such archive; RECORD_CORRUPT
 * where what there is cannot be read.
 * @throws ContentionError SESSION_TAKEN where the task has a workspace; BRANCH_TAKEN.
 */
export async function restore(services: Services, options: RestoreRequest): Promise<SessionRecord> {
  assertFileNames(options)
  const archive = await findArchive(services, options.target)
  const strategy = findStrategy(services, archive.workspace.strategy)
  const settings = await settingsOf(archive, options)
  try {
    await ensureEnvironment(services, archive.envId)
    return await withSession(services, settings.key, options.signal, (signal) =>
      services.lease.during(() => restoreAlone(services, archive, { ...settings, signal }, strategy)),
    )
  } catch (error) {
    throw asStorageFailure(error, services.settings.root)
  }
}

async function findArchive(services: Services, target: RestoreTarget): Promise<ArchiveRecord> {
  if (!(await environmentExists(services, target.envId))) throw missing(target, 'envId')
  if ('archiveId' in target) {
    const archive = await readArchive(services, target.envId, target.archiveId)
    if (archive === undefined) throw missing(target, 'archiveId')
    return archive
  }
  const { archives, unreadable } = await lookAtArchives(services, target.envId, target.taskId)
  const name = sessionName(target)
  const newest = archives.find((archive) => sessionName(archive) === name)
  if (newest !== undefined) return newest
  const lost = unreadable.find(({ key }) => key !== undefined && sessionName(key) === name)
  throw lost?.error ?? missing(target, target.runId === undefined ? 'taskId' : 'runId')
}

async function settingsOf(archive: ArchiveRecord, options: RestoreOptions): Promise<PrepareSettings> {
  const { workspace, branch } = archive
  const { source, originUrl } = workspace
  const recorded = source === undefined ? undefined : recordedSource({ source, originUrl })
  const { identity, agentName, context, taskFiles, credentials, signal, onProgress } = options
  return Object.freeze({
    key: keyOf(archive, options),
    source: await canonicalSource(recorded),
    credentials,
    strategy: workspace.strategy,
    branch: branch ?? false,
    onBranchTaken: options.onBranchTaken ?? 'fail',
    ifExists: 'fail',
    onGitFailure: 'fail',
    shape: workspace.shape,
    limits: workspace.limits,
    identity: identity ?? workspace.identity,
    agentName: agentName ?? workspace.agentName,
    workflowRunId: workspace.workflowRunId,
    taskRunId: workspace.taskRunId,
    metadata: workspace.metadata,
    context,
    taskFiles,
    signal,
    onProgress: onProgress && harmless(onProgress),
  })
}

function keyOf(archive: ArchiveRecord, { taskId, runId }: RestoreOptions): WorkspaceKey {
  const { envId } = archive
  if (taskId === undefined && runId === undefined) {
    return archive.runId === undefined
      ? { envId, taskId: archive.taskId }
      : { envId, taskId: archive.taskId, runId: archive.runId }
  }
  const task = taskId ?? archive.taskId
  return runId === undefined ? { envId, taskId: task } : { envId, taskId: task, runId }
}

async function restoreAlone(
  services: Services,
  record: ArchiveRecord,
  settings: PrepareSettings,
  strategy: Strategy,
): Promise<SessionRecord> {
  await services.beforeStep('restore', 'look')
  await refuseExisting(services, settings.key)
  const { archivesRepository } = environmentLayout(services.settings.root, record.envId)
  const archive = await openArchive(services.git, archivesRepository, record, settings.signal)
  const restored = await createWorkspace(services, settings, strategy, restoreParts(archive))
  services.events.emit('workspace.restored', sessionFacts(restored), { archiveId: record.archiveId })
  return restored
}

/** What a killed verb left of the task is put right first. */
async function refuseExisting(services: Services, key: WorkspaceKey): Promise<void> {
  const found = await readSession(services, key)
  if (found === undefined) return
  const isHalf = found.state === 'reserved' || found.state === 'preparing' || found.state === 'removing'
  if (isHalf) await recoverAndTell(services, found)
  const left = isHalf ? await readSession(services, key) : found
  if (left !== undefined)
    throw sessionTaken(key, `it is ${left.state}, and a restore overwrites nothing`, describeOwner(left), {
      hint: 'Clean up the workspace that is there first, or restore to another task or run id.',
    })
}

function missing(target: RestoreTarget, field: string): IntegrityError {
  const what = 'archiveId' in target ? `archive "${target.archiveId}"` : `archive of ${describeKey(target)}`
  return new IntegrityError('WORKSPACE_MISSING', `there is no ${what}`, {
    data: { field, envId: target.envId, ...('archiveId' in target ? { archiveId: target.archiveId } : {}) },
    hint: 'List the archives that there are with archives().',
  })
}
