import { dirname, join } from 'node:path'
import { InputError } from '../../errors/workspace-error.js'
import { removeIfEmpty } from '../../fs/contained-path.js'
import { withFileLock } from '../../fs/locks.js'
import { ownersDir } from '../../model/layout.js'
import { describeKey, type WorkspaceKey } from '../../model/workspace-key.js'
import { refuseSharedFolder } from '../../sessions/collisions.js'
import { isManagersOwn } from '../../sessions/record-place.js'
import type { Services } from '../services.js'

/**
 * Runs a claim of a caller's folder as the only one under the root: such a folder belongs to no environment, so that
 * no environment's lock keeps two of them apart. Taken before the environment's lock, never while that is held.
 */
export async function withCallersFolders<T>(
  services: Services,
  signal: AbortSignal | undefined,
  claim: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { root, lockTimeoutMs } = services.settings
  const folder = dirname(ownersDir(root))
  const options = { timeoutMs: lockTimeoutMs, signal, purpose: 'folders' }
  try {
    return await withFileLock(join(folder, 'folders.lock'), options, claim)
  } finally {
    await removeIfEmpty(folder)
  }
}

/** @throws InputError SOURCE_INVALID for a folder of the manager's; ContentionError SESSION_TAKEN for one in use. */
export async function refuseUsedFolder(services: Services, key: WorkspaceKey, folder: string): Promise<void> {
  refuseManagersOwn(services, folder)
  const others = await services.store.list()
  const uses = others.map((record) => ({ workDir: record.workDir, holder: describeKey(record) }))
  // What a newer version of this package has begun is at work all the same.
  for (const { workDir, place } of await services.store.unreadable())
    if (workDir !== undefined) uses.push({ workDir, holder: place })
  const callers = uses.filter(({ workDir }) => !isManagersOwn(services.settings.root, workDir))
  refuseSharedFolder(key, folder, callers)
}

/** A folder of the caller, or a repository of the caller's, is nowhere in what the manager makes and deletes. */
export function refuseManagersOwn(services: Services, path: string): void {
  if (!isManagersOwn(services.settings.root, path)) return
  throw new InputError('SOURCE_INVALID', 'the source belongs to the manager itself', {
    data: { field: 'source', path },
    hint: 'Give a folder or repository of your own, or the one that the other workspace was made from.',
  })
}
