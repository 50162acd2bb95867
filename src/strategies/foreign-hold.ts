import { dirname, join, resolve } from 'node:path'
import { canonicalPath } from '../fs/canonical-path.js'
import { isPresent } from '../fs/presence.js'
import { readPlain } from '../git/plain-files.js'
import type { Tree } from './strategy.js'
import { LOCK_REASON, registrationPath } from './worktree-registration.js'

const MAX_BYTES = 64 * 1024

/**
 * Why the registration of a worktree is not ours to take out: somebody else has locked it (`git worktree lock`), or it
 * is that of another checkout. Undefined where nothing is in the way, or where there is none.
 *
 * @throws IntegrityError TAMPERED for an entry that is odd.
 */
export async function foreignHold(tree: Tree): Promise<string | undefined> {
  if (tree.gitDir === undefined || tree.registration === undefined) return undefined
  const entry = registrationPath(tree.gitDir, tree.registration)
  const checkout = await checkoutOf(entry)
  if (checkout !== undefined && canonicalPath(checkout) !== canonicalPath(tree.workDir))
    return `its registration is that of another checkout: ${checkout}`
  const lock = join(entry, 'locked')
  if (!(await isPresent(lock))) return undefined
  const reason = (await readPlain(lock, MAX_BYTES))?.trim()
  if (reason === LOCK_REASON) return undefined
  return reason ? `somebody has locked the worktree: ${reason}` : 'somebody has locked the worktree'
}

/** Newer versions of git may write it relative to the entry. */
async function checkoutOf(entry: string): Promise<string | undefined> {
  const gitFile = (await readPlain(join(entry, 'gitdir'), MAX_BYTES))?.trim()
  return gitFile ? dirname(resolve(entry, gitFile)) : undefined
}
