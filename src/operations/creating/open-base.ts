import type { GitError } from '../../errors/workspace-error.js'
import { fetchPercent } from '../../git/fetch-percent.js'
import { openCallerRepository } from '../../mirror/caller-repository.js'
import { emptyRepository } from '../../mirror/create-mirror.js'
import { fetchMissingCommit, mirrorRepository, readFitting } from '../../mirror/mirror.js'
import type { MirrorContext } from '../../mirror/mirror-context.js'
import { fetchCheckoutObjects } from '../../mirror/missing-objects.js'
import type { Repository } from '../../mirror/repository.js'
import { isFullCommit, missingBase, type ResolvedBase, resolveBase } from '../../mirror/resolve-base.js'
import { sourceAccess } from '../../mirror/source-access.js'
import { type PercentListener, RisingPercent } from '../../model/rising-percent.js'
import type { Base } from '../../model/session-record.js'
import type { Shape } from '../../model/shape.js'
import { sourceIdentity } from '../../model/source.js'
import { type MirrorRequest, mirrorContext, refreshMirror } from '../mirror-access.js'
import type { Services } from '../services.js'
import { withEnvironment } from '../session-lock.js'
import { assertSourceFits, bindSource } from './bind-source.js'

/** What a base is looked for with. */
export interface BaseRequest extends Omit<MirrorRequest, 'filter' | 'onGitProgress'> {
  /** The strategy's trait: whether checkouts of a local path belong to the caller's own repository. */
  readonly sharesRefs: boolean
  readonly baseRef: string | undefined
  /** Of the checkout that the base is for. */
  readonly shape?: Shape | undefined
  /** Percent of all that is fetched; rises to 100. */
  readonly onFetchProgress?: PercentListener | undefined
}

export interface OpenedBase {
  readonly repository: Repository
  readonly base: Base
  readonly originUrl: string
}

/** Opens the repository that tasks are made from, as fresh as asked for, and finds the base in it. */
export async function openBase(services: Services, request: BaseRequest): Promise<OpenedBase> {
  await assertSourceFits(services, request.envId, request.source)
  const { source } = request
  const progress = new RisingPercent((percent) => request.onFetchProgress?.(percent))
  const opened =
    source.kind === 'path' && request.sharesRefs
      ? await openInCallersRepository(services, request, source.path)
      : await openComplete(services, request, progress)
  const { limits = {}, shape, signal } = request
  const { repository, base } = opened
  await services.treeSizes.assertFits(repository, {
    commit: base.commit,
    sparse: shape?.sparse,
    limits,
    signal,
  })
  progress.end()
  return opened
}

/** A partial mirror gives the history first, then the files of the base. */
async function openComplete(
  services: Services,
  request: BaseRequest,
  progress: RisingPercent,
): Promise<OpenedBase> {
  const { filter, sparse } = request.shape ?? {}
  const history = inPercent(filter === undefined ? progress.part(0, 100) : progress.part(0, 50))
  const opened = await openInMirror(services, { ...request, filter, onGitProgress: history })
  if (opened.repository.filter === undefined) return opened
  const files = inPercent(filter === undefined ? progress.part(0, 100) : progress.part(50, 100))
  const context = mirrorContext(services, {
    ...request,
    filter: opened.repository.filter,
    onGitProgress: files,
  })
  await fetchCheckoutObjects(context, request.freshness, { commit: opened.base.commit, sparse })
  return opened
}

function inPercent(listener: PercentListener): MirrorRequest['onGitProgress'] {
  return (progress) => {
    const percent = fetchPercent(progress)
    if (percent !== undefined) listener(percent)
  }
}

async function openInCallersRepository(
  services: Services,
  request: BaseRequest,
  path: string,
): Promise<OpenedBase> {
  const { git } = services
  const repository = await openCallerRepository(git, path, request.signal)
  const found = await resolveBase(git, repository, request.baseRef, request.signal)
  if (found === undefined) throw await nothingFound(services, repository, request)
  await withEnvironment(services, request.envId, request.signal, () =>
    bindSource(services, request.envId, request.source),
  )
  return {
    repository,
    base: { ref: found.ref, commit: found.commit, stale: false },
    originUrl: sourceAccess(request.source, undefined).originUrl,
  }
}

async function openInMirror(services: Services, request: BaseRequest & MirrorRequest): Promise<OpenedBase> {
  const context = mirrorContext(services, request)
  const pinned = await pinnedBase(services, context, request)
  if (pinned) return pinned
  const mirror = await refreshMirror(services, request)
  const { repository, fetchedAt } = mirror
  const found = await findBase(services, context, repository, request)
  const unasked =
    mirror.action === 'used' && Date.parse(fetchedAt) + request.freshness.maxAgeMs <= services.now().getTime()
  const stale =
    !found.pinned && (mirror.fetchFailure !== undefined || (request.freshness.mode === 'offline' && unasked))
  return {
    repository,
    base: { ref: found.ref, commit: found.commit, fetchedAt, stale },
    originUrl: context.access.originUrl,
  }
}

/** A full commit that is there already needs no fetch. */
async function pinnedBase(
  services: Services,
  context: MirrorContext,
  request: BaseRequest & MirrorRequest,
): Promise<OpenedBase | undefined> {
  const { baseRef } = request
  if (baseRef === undefined || !isFullCommit(baseRef)) return undefined
  const state = await readFitting(context)
  if (state === undefined) return undefined
  const repository = mirrorRepository(context.mirrorDir, state)
  const found = await resolveBase(services.git, repository, baseRef, request.signal)
  if (found === undefined) return undefined
  const base = { ref: found.ref, commit: found.commit, fetchedAt: state.fetchedAt, stale: false }
  return { repository, base, originUrl: context.access.originUrl }
}

async function findBase(
  services: Services,
  context: MirrorContext,
  repository: Repository,
  request: BaseRequest & MirrorRequest,
): Promise<ResolvedBase> {
  const { baseRef, signal } = request
  const find = () => resolveBase(services.git, repository, baseRef, signal)
  const found = await find()
  if (found) return found
  if (baseRef !== undefined && request.freshness.mode !== 'offline') {
    await fetchForMissing(services, context, request, baseRef)
    const second = await find()
    if (second) return second
  }
  throw await nothingFound(services, repository, request)
}

/** A mirror that was young enough not to be fetched may still lack a new branch. */
async function fetchForMissing(
  services: Services,
  context: MirrorContext,
  request: BaseRequest & MirrorRequest,
  baseRef: string,
): Promise<void> {
  if (isFullCommit(baseRef)) return fetchMissingCommit(context, baseRef)
  if (request.freshness.maxAgeMs === 0) return
  await refreshMirror(services, { ...request, freshness: { ...request.freshness, maxAgeMs: 0 } })
}

async function nothingFound(
  services: Services,
  repository: Repository,
  request: BaseRequest,
): Promise<GitError> {
  const { stdout } = await services.git.run({
    args: ['for-each-ref', '--count=1', '--format=%(refname)'],
    gitDir: repository.gitDir,
    signal: request.signal,
  })
  const location = sourceIdentity(request.source)
  return stdout.trim() === '' ? emptyRepository(location) : missingBase(request.baseRef, location)
}
