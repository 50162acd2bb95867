import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../../errors/system-error.js'
import { IntegrityError } from '../../errors/workspace-error.js'
import { makeDirectories } from '../../fs/make-directories.js'
import { kindOf } from '../../fs/presence.js'
import { temporaryName } from '../../fs/temporary-name.js'
import { deleteTree } from '../../fs/trash.js'
import { type AgentGitDir, readRefs } from '../../git/agent-git-dir.js'
import { readMirrorState } from '../../mirror/mirror.js'
import { environmentLayout } from '../../model/layout.js'
import { type ObjectFormat, objectFormatOf } from '../../model/object-format.js'
import type { UnsavedWork } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import { type ArchiveStore, findArchiveStore, openArchiveStore } from '../../preservation/archive-store.js'
import { problemOfRootPointer } from '../../preservation/root-pointer.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import type { Strategy } from '../../strategies/strategy.js'
import { assertOwnArchives } from '../assert-own-environment.js'
import type { Services } from '../services.js'
import { repositoryOf } from '../session-repository.js'

export interface ArchiveRequest {
  readonly record: SessionRecord
  readonly strategy: Strategy
  readonly work: UnsavedWork
  readonly includeIgnored?: true | readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** What the steps of one archiving pass on. */
export interface ArchiveJob {
  readonly services: Services
  readonly request: ArchiveRequest
  readonly archiveId: string
  readonly now: Date
  readonly store: ArchiveStore
  /** Absent for a plain folder. */
  readonly repository: JobRepository | undefined
  /** For files that are not in their place yet. */
  readonly scratch: string
  readonly files: 'present' | 'gone'
  /** Takes the scratch folder away. */
  readonly close: () => Promise<void>
}

export interface JobRepository {
  readonly agent: AgentGitDir
  readonly refs: 'own' | 'shared'
  /** The store that the workspace was made from; absent where it is gone. */
  readonly baseObjects: string | undefined
  /** Commits that it has for certain. */
  readonly base: readonly string[]
  /** Object folders that the agent writes to or borrows from. */
  readonly alternates: readonly string[]
}

export async function openArchiveJob(
  services: Services,
  request: ArchiveRequest,
  { archiveId, now }: Pick<ArchiveJob, 'archiveId' | 'now'>,
): Promise<ArchiveJob> {
  const { record, signal } = request
  const files = await findCheckout(record)
  const repository = await jobRepositoryOf(services, request)
  const layout = environmentLayout(services.settings.root, record.envId)
  await assertOwnArchives(services.settings.root, record.envId)
  const objectFormat = await formatOf(services, request)
  const store = await openArchiveStore(services.git, {
    gitDir: layout.archivesRepository,
    objectFormat,
    signal,
  })
  const scratch = join(layout.scratchDir, temporaryName('archive'))
  await makeDirectories(scratch, { mode: 0o700 })
  return {
    services,
    request,
    archiveId,
    now,
    store,
    repository,
    scratch,
    files,
    close: () => deleteTree(scratch),
  }
}

/** @throws IntegrityError ARCHIVE_FAILED where the files are elsewhere in the folder that is to be removed. */
export async function findCheckout({ rootDir, workDir }: SessionRecord): Promise<ArchiveJob['files']> {
  const kind = await kindOf(workDir)
  if (kind === 'directory') return 'present'
  if (kind === 'absent' || (kind === 'other' && !(await leadsInto(workDir, rootDir)))) return 'gone'
  const message = `something else is in the place of the checkout: ${workDir}`
  throw new IntegrityError('ARCHIVE_FAILED', message, {
    data: { workDir },
    hint: 'Move the checkout back into its place, then try again.',
  })
}

async function leadsInto(link: string, folder: string): Promise<boolean> {
  try {
    return (await realpath(link)).startsWith(join(await realpath(folder), '/'))
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false
    throw error
  }
}

/** A plain folder fits into whatever store there is. */
async function formatOf(services: Services, { record, strategy }: ArchiveRequest): Promise<ObjectFormat> {
  if (record.base !== undefined) return objectFormatOf(record.base.commit)
  const { mirrorDir, archivesRepository } = environmentLayout(services.settings.root, record.envId)
  const store = strategy.traits.usesRepository ? undefined : await findArchiveStore(archivesRepository)
  return store?.objectFormat ?? (await readMirrorState(mirrorDir))?.objectFormat ?? 'sha1'
}

async function jobRepositoryOf(
  services: Services,
  request: ArchiveRequest,
): Promise<JobRepository | undefined> {
  const { record, strategy } = request
  if (!strategy.traits.usesRepository) return undefined
  const tree = record.tree ?? { workDir: record.workDir }
  const agent = agentRepository(strategy.traits, tree)
  if (strategy.traits.sharesRefs) await assertRootPointer(agent, record.workDir)
  const { gitDir, owner } = repositoryOf({ services, record, strategy })
  const objects = join(gitDir, 'objects')
  const isThere = (await kindOf(objects)) === 'directory'
  const own = join(agent.commonDir, 'objects')
  return {
    agent,
    refs: strategy.traits.sharesRefs ? 'shared' : 'own',
    baseObjects: isThere ? objects : undefined,
    base: isThere
      ? await baseCommits(gitDir, owner === 'caller' ? 'refs/' : 'refs/remotes/origin/', request)
      : [],
    alternates: isThere && own !== objects ? [own, objects] : [own],
  }
}

/** @throws IntegrityError ARCHIVE_FAILED where a repository of the agent's own stands in the place of the pointer. */
async function assertRootPointer(agent: AgentGitDir, workDir: string): Promise<void> {
  const problem = await problemOfRootPointer(agent, workDir)
  if (problem === undefined) return
  throw new IntegrityError('ARCHIVE_FAILED', problem, {
    data: { workDir, path: join(workDir, '.git') },
    hint: 'Move the .git into a folder of its own below the checkout, then try again: it is archived there.',
  })
}

/** Read before any object is taken in, so that whatever they reach is there by then. */
async function baseCommits(
  gitDir: string,
  prefix: string,
  { record }: ArchiveRequest,
): Promise<readonly string[]> {
  const refs = await readRefs({ gitDir, commonDir: gitDir }, [prefix])
  const base = record.base === undefined ? [] : [record.base.commit]
  return [...new Set([...base, ...refs.values()])]
}
