import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../errors/message-of.js'
import { throwIfStopped } from '../../errors/stop-reason.js'
import {
  ContentionError,
  hasErrorCode,
  IntegrityError,
  isWorkspaceError,
  StoppedError,
} from '../../errors/workspace-error.js'
import { writeJsonAtomic } from '../../fs/atomic-write.js'
import { diskUsages } from '../../fs/disk-usage.js'
import { assertStillHolding } from '../../fs/lock-context.js'
import { kindOf, kindsOf } from '../../fs/presence.js'
import { asStorageFailure } from '../../fs/storage-failure.js'
import { ARCHIVE_FORMAT, type ArchiveRecord } from '../../model/archive-record.js'
import type { SessionRecord } from '../../model/session-record.js'
import { describeKey, type WorkspaceKey } from '../../model/workspace-key.js'
import { packsOf } from '../../preservation/archive-packs.js'
import { listArchives } from '../list-archives.js'
import type { Services } from '../services.js'
import { repositoryOf } from '../session-repository.js'
import { UndoStack } from '../undo-stack.js'
import { archiveFile, claimArchive, newArchiveId } from './archive-folder.js'
import { type ArchiveJob, type ArchiveRequest, openArchiveJob } from './archive-job.js'
import { clearArchiveLeftovers, removeArchive } from './archive-leftovers.js'
import { archiveObjects, archiveRefs, archiveSnapshot } from './archive-steps.js'

/**
 * Puts everything of a workspace that is saved nowhere else into the environment's own repository of archives, which
 * needs neither the workspace nor the mirror. It resolves when all of it is on the disk, was read back from the archive
 * alone, and is named in a record.
 *
 * @throws IntegrityError ARCHIVE_FAILED; the workspace is as it was, and nothing half of an archive is left.
 */
export async function archiveWorkspace(services: Services, request: ArchiveRequest): Promise<ArchiveRecord> {
  const undo = new UndoStack()
  try {
    const now = await afterTheNewest(services, request.record)
    const archiveId = newArchiveId(request.record, now)
    return await archiveStepByStep(services, request, { archiveId, now }, undo)
  } catch (error) {
    throw await archiveFailure(services, request, await undo.rollBack(error))
  }
}

async function archiveStepByStep(
  services: Services,
  request: ArchiveRequest,
  begun: { readonly archiveId: string; readonly now: Date },
  undo: UndoStack,
): Promise<ArchiveRecord> {
  const { record, signal } = request
  const { archiveId } = begun
  const step = async (name: string): Promise<void> => {
    await services.beforeStep('cleanup', `archive:${name}`)
    throwIfStopped(signal)
    await assertStillHolding()
  }
  await step('claim')
  await clearArchiveLeftovers(services, record.envId)
  const claim = await claimArchive(services, record.envId, archiveId, signal)
  undo.defer('archive', async () => {
    await removeArchive(services, record.envId, archiveId)
    await rm(claim, { force: true })
  })
  const job = await openArchiveJob(services, request, begun)
  undo.defer('scratch', () => job.close())
  await step('objects')
  const objects = await archiveObjects(job)
  await step('snapshot')
  const snapshot = await archiveSnapshot(job, objects)
  await step('refs')
  const refs = await archiveRefs(job, objects, snapshot)
  await step('record')
  const archive = await describe(job, { objects, snapshot, refs })
  await writeJsonAtomic(archiveFile(services, record.envId, archiveId), archive)
  await step('done')
  await job.close()
  await rm(claim, { force: true })
  return archive
}

/** Now, or where the clock was set back the moment after this task's newest archive: a restore takes the newest. */
async function afterTheNewest(services: Services, key: WorkspaceKey): Promise<Date> {
  const now = services.now()
  const [newest] = await listArchives(services, key)
  const notBefore = newest === undefined ? 0 : Date.parse(newest.createdAt) + 1
  return now.getTime() < notBefore ? new Date(notBefore) : now
}

interface Made {
  readonly objects: Awaited<ReturnType<typeof archiveObjects>>
  readonly snapshot: Awaited<ReturnType<typeof archiveSnapshot>>
  readonly refs: readonly string[]
}

async function describe(job: ArchiveJob, { objects, snapshot, refs }: Made): Promise<ArchiveRecord> {
  const { record } = job.request
  const { envId, taskId, runId, branch } = record
  const packs = (await packsOf(job.store, job.archiveId)).flatMap((pack) => [`${pack}.pack`, `${pack}.idx`])
  const sizes = [...(await diskUsages(packs)).values()]
  return {
    formatVersion: ARCHIVE_FORMAT,
    archiveId: job.archiveId,
    envId,
    taskId,
    runId,
    createdAt: job.now.toISOString(),
    branch,
    headCommit: objects.head.commit,
    snapshotCommit: snapshot.commit,
    refs,
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    contains: await countsOf(job, snapshot),
    skipped: snapshot.skipped.slice(0, 100).map((name) => Buffer.from(name, 'latin1').toString()),
    workspace: workspaceOf(record, job, objects.basePacks),
  }
}

/** Without a repository a look counts nothing. */
async function countsOf(
  { repository, request }: ArchiveJob,
  { files }: Made['snapshot'],
): Promise<ArchiveRecord['contains']> {
  const { counts } = request.work
  if (repository === undefined) return counts
  const { gitDir, commonDir } = repository.agent
  const isWhole = await arePresent([gitDir, join(gitDir, 'HEAD'), join(commonDir, 'objects')])
  return isWhole ? counts : { ...counts, ...files }
}

async function arePresent(paths: readonly string[]): Promise<boolean> {
  return (await kindsOf(paths)).every((kind) => kind !== 'absent')
}

function workspaceOf(
  record: SessionRecord,
  job: ArchiveJob,
  basePacks: readonly string[],
): ArchiveRecord['workspace'] {
  const { strategy, base, source, originUrl, agentName, identity, shape, limits } = record
  const { workflowRunId, taskRunId, metadata, contextDir, workDir } = record
  const inside = contextDir === undefined || contextDir.startsWith(join(workDir, '/'))
  return {
    strategy,
    objectFormat: job.store.objectFormat,
    base: base && { ref: base.ref, commit: base.commit },
    source,
    originUrl,
    agentName,
    identity,
    shape,
    limits,
    workflowRunId,
    taskRunId,
    metadata,
    contextPlace: inside ? 'inside' : 'beside',
    basePacks,
  }
}

async function archiveFailure(
  services: Services,
  request: ArchiveRequest,
  failure: unknown,
): Promise<unknown> {
  const { record } = request
  const error = asStorageFailure(failure, services.settings.root)
  if (error instanceof StoppedError || error instanceof ContentionError) return error
  const said = hasErrorCode(error, 'ARCHIVE_FAILED') ? error : notArchived(record, error)
  const lost = await lostMirror(services, request)
  if (lost === undefined) return said
  return new IntegrityError(
    'ARCHIVE_FAILED',
    `${said.message}; the mirror that has the rest is gone: ${lost}`,
    {
      data: { ...said.data, path: lost },
      hint: 'Bring it back, or prepare another task of the environment, which makes it anew; then try again.',
      cause: error,
    },
  )
}

function notArchived(record: SessionRecord, error: unknown): IntegrityError {
  const message = `the work in ${describeKey(record)} could not be archived: ${messageOf(error)}`
  return new IntegrityError('ARCHIVE_FAILED', message, {
    data: { workDir: record.workDir, ...(isWorkspaceError(error) && { code: error.code }) },
    cause: error,
  })
}

/** What a workspace borrows its commits from, where that is gone. */
async function lostMirror(
  services: Services,
  { record, strategy }: ArchiveRequest,
): Promise<string | undefined> {
  if (!strategy.traits.usesRepository || record.shape?.objects === 'own') return undefined
  const { gitDir, owner } = repositoryOf({ services, record, strategy })
  return owner === 'manager' && (await kindOf(gitDir)) === 'absent' ? gitDir : undefined
}
