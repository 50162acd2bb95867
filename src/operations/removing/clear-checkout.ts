import { join } from 'node:path'
import { isSystemError } from '../../errors/system-error.js'
import { hasErrorCode } from '../../errors/workspace-error.js'
import { assertNoLinkInside } from '../../fs/contained-path.js'
import { isPresent } from '../../fs/presence.js'
import { type AbandonedFile, findAbandoned, removeFiles } from '../../git/abandoned-files.js'
import { leftoversIn } from '../../git/leftover-names.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { WorkspaceKey } from '../../model/workspace-key.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import type { Services } from '../services.js'

/** A git dir that is one checkout's alone, and the folder from which on the way to it must have no link. */
interface CheckoutGitDir {
  readonly gitDir: string
  readonly trusted: string
  /** Locks that keep a git from its work in the checkout, in the repository that it shares. */
  readonly sharedLocks: readonly string[]
}

/**
 * Removes what killed gits left in the git dir of a checkout that is handed out again: with the lock of an index
 * there, or that of its branch in the repository that it shares, no git would work in it. What a living git may have
 * made stays, and so does everything whose owner is at work.
 */
export async function clearCheckout(services: Services, record: SessionRecord): Promise<void> {
  const isLeft = record.state === 'finished' || (await services.lease.stateOf(record.owner)) === 'dead'
  if (isLeft) await removeFiles(await abandonedIn(services, record))
}

/** The same files of a workspace whose owner is gone, only to be listed. */
export async function abandonedInCheckout(services: Services, record: SessionRecord): Promise<string[]> {
  if (record.state !== 'ready' && record.state !== 'finished') return []
  const found = await abandonedIn(services, record)
  // Asked last: mostly there is nothing.
  if (found.length === 0 || (await services.lease.stateOf(record.owner)) !== 'dead') return []
  return found.map(({ path }) => path)
}

/** Removes one file that was listed, if all that spoke for it is still true. Answers with what it has removed. */
export async function removeFromCheckout(
  services: Services,
  key: WorkspaceKey,
  path: string,
): Promise<string[]> {
  const record = await services.store.read(key)
  const place = record && gitDirOf(services, record)
  if (record === undefined || place === undefined || !(await isPlainWay(place.trusted, path))) return []
  if ((await services.lease.stateOf(record.owner)) !== 'dead') return []
  return removeFiles(await findAbandoned([path]))
}

async function abandonedIn(services: Services, record: SessionRecord): Promise<AbandonedFile[]> {
  const place = gitDirOf(services, record)
  if (place === undefined || !(await isPlainWay(place.trusted, place.gitDir))) return []
  const left = await leftIn(place)
  // Processes of other hosts are not seen here, and may be at work in the checkout.
  if (left.length === 0 || (await services.lease.othersAtWork()) === 'others') return []
  return findAbandoned(left)
}

/** The agent may make its folders unreadable, or anything else of them; what cannot be looked into stays. */
async function leftIn({ gitDir, trusted, sharedLocks }: CheckoutGitDir): Promise<string[]> {
  const shared: string[] = []
  try {
    for (const lock of sharedLocks)
      if ((await isPresent(lock)) && (await isPlainWay(trusted, lock))) shared.push(lock)
    return [...(await leftoversIn(gitDir)), ...shared]
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG')) return shared
    throw error
  }
}

/** Undefined where there is none, and where it is the caller's own. */
function gitDirOf(services: Services, record: SessionRecord): CheckoutGitDir | undefined {
  const traits = services.strategies.get(record.strategy)?.traits
  if (traits === undefined || !traits.usesRepository || !traits.ownsDirectory) return undefined
  const { gitDir, commonDir } = agentRepository(traits, record.tree ?? { workDir: record.workDir })
  if (!traits.sharesRefs) return { gitDir, trusted: services.settings.root, sharedLocks: [] }
  return { gitDir, trusted: commonDir, sharedLocks: sharedLocksOf(services, record, commonDir) }
}

/** Of a caller's repository the lock of the task's own branch only; of the mirror also those that all its tasks meet. */
function sharedLocksOf(services: Services, { envId, branch }: SessionRecord, commonDir: string): string[] {
  const isOurs = commonDir === environmentLayout(services.settings.root, envId).mirrorDir
  const names = isOurs ? ['packed-refs.lock', 'packed-refs.new', 'config.lock'] : []
  if (branch !== undefined) names.push(`refs/heads/${branch}.lock`)
  return names.map((name) => join(commonDir, name))
}

async function isPlainWay(from: string, to: string): Promise<boolean> {
  try {
    await assertNoLinkInside(from, to)
    return true
  } catch (error) {
    if (hasErrorCode(error, 'TAMPERED', 'PATH_OUTSIDE_ROOT')) return false
    if (isSystemError(error, 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG')) return false
    throw error
  }
}
