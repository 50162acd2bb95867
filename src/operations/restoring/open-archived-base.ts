import { join } from 'node:path'
import { hasErrorCode, IntegrityError } from '../../errors/workspace-error.js'
import { openCallerRepository } from '../../mirror/caller-repository.js'
import { mirrorRepository, readAsItIs } from '../../mirror/mirror.js'
import { seedMirror } from '../../mirror/mirror-from-objects.js'
import type { Repository } from '../../mirror/repository.js'
import { isFullCommit } from '../../mirror/resolve-base.js'
import { sourceAccess } from '../../mirror/source-access.js'
import { environmentLayout } from '../../model/layout.js'
import { effectiveLimits } from '../../model/limits.js'
import type { Source } from '../../model/source.js'
import type { OpenArchive } from '../../preservation/restore-archive.js'
import { hasBaseOf, restoreBase, restoreObjects } from '../../preservation/restore-objects.js'
import { assertSourceFits, bindSource } from '../creating/bind-source.js'
import type { Creation } from '../creating/checkout-step.js'
import type { OpenedBase } from '../creating/open-base.js'
import { mirrorContext } from '../mirror-access.js'

/**
 * Opens the repository that an archived workspace was made from, without asking its remote: the archive has what is
 * missing there, and all of it where there is no mirror any more.
 */
export async function openArchivedBase(
  creation: Creation,
  archive: OpenArchive,
): Promise<OpenedBase | undefined> {
  const { services, settings, strategy } = creation
  const { source, key } = settings
  const { base } = archive.record.workspace
  if (!strategy.traits.usesRepository || source === undefined || base === undefined) return undefined
  await assertSourceFits(services, key.envId, source)
  const repository =
    source.kind === 'path' && strategy.traits.sharesRefs
      ? await openCallerRepository(services.git, source.path, settings.signal)
      : await openSeededMirror(creation, archive, source)
  await bindSource(services, key.envId, source)
  await completeBase(creation, archive, repository)
  await services.treeSizes.assertFits(repository, {
    commit: base.commit,
    sparse: settings.shape?.sparse,
    limits: effectiveLimits(services.settings.limits, settings.limits),
    signal: settings.signal,
  })
  return {
    repository,
    base: { ...base, fetchedAt: repository.fetchedAt, stale: true },
    originUrl: sourceAccess(source, undefined).originUrl,
  }
}

async function openSeededMirror(
  { services, settings }: Creation,
  archive: OpenArchive,
  source: Source,
): Promise<Repository> {
  const { key, credentials, signal, shape } = settings
  const { freshness } = services.settings
  const context = mirrorContext(services, {
    envId: key.envId,
    source,
    credentials,
    freshness,
    filter: shape?.filter,
    signal,
  })
  const { base, objectFormat } = archive.record.workspace
  const ref = base?.ref
  // Agents have had it in their reach as in any prepare.
  const present = await readAsItIs(context)
  // A mirror without all of its history would be believed to have it.
  const isWhole = archive.manifest.cuts.length === 0 || archive.record.workspace.basePacks.length > 0
  if (present === undefined && !isWhole) throw lacksBase(archive, context.mirrorDir)
  if (present === undefined) {
    const seeding = seedMirror(context, {
      objectFormat,
      branch: ref === undefined || ref === 'HEAD' || isFullCommit(ref) ? undefined : ref,
      commit: base?.commit ?? '',
      takeIn: (objects) => seedObjects(archive, objects),
    })
    await seeding.catch((error: unknown) => {
      throw isWithoutBase(error) ? lacksBase(archive, context.mirrorDir, error) : error
    })
  }
  const state = present ?? (await readAsItIs(context))
  if (state === undefined) throw lacksBase(archive, context.mirrorDir)
  return mirrorRepository(context.mirrorDir, state)
}

/** Of a workspace that was archived when its mirror was gone the base is among its own objects. */
async function seedObjects(archive: OpenArchive, objects: string): Promise<void> {
  await restoreBase(archive, objects)
  if (archive.record.workspace.basePacks.length === 0) await restoreObjects(archive, objects)
}

/** An archive of a workspace whose repository was gone has nothing of it. */
function isWithoutBase(error: unknown): boolean {
  return hasErrorCode(error, 'GIT_FAILED') && /nonexistent object/.test(String(error.data['stderr']))
}

/** Any of it may have gone from the caller's repository, or a new mirror never have had it. */
async function completeBase(
  { services, settings, strategy }: Creation,
  archive: OpenArchive,
  { gitDir }: Repository,
): Promise<void> {
  const { scratchDir } = environmentLayout(services.settings.root, settings.key.envId)
  const refs = strategy.traits.sharesRefs ? 'shared' : 'own'
  const target = { gitDir, scratchDir, refs, signal: settings.signal } as const
  if (await hasBaseOf(services.git, archive, target)) return
  await restoreBase(archive, join(gitDir, 'objects'))
  if (!(await hasBaseOf(services.git, archive, target))) throw lacksBase(archive, gitDir)
}

function lacksBase({ record }: OpenArchive, gitDir: string, cause?: unknown): IntegrityError {
  const commit = record.workspace.base?.commit ?? 'unknown'
  return new IntegrityError('WORKSPACE_MISSING', `the archived workspace's base ${commit} is gone`, {
    data: { field: 'archiveId', archiveId: record.archiveId, commit, path: gitDir },
    hint: 'Fetch the commit into the repository, by a prepare where it is the mirror, then try again.',
    cause,
  })
}
