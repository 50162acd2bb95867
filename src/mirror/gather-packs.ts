import { join } from 'node:path'
import { namesIn } from '../fs/presence.js'
import { headerCount } from '../git/header-count.js'
import type { MirrorContext } from './mirror-context.js'

/** Every fetch adds a pack, and a look-up may have to ask each one. */
const MANY_PACKS = 20

/**
 * Gives the packs of a mirror that has many of them one index (git-multi-pack-index(1)), which workspaces that
 * borrow from it use as well. Nothing is repacked and nothing removed, so that no borrower can miss an object.
 * The caller holds the fetch lock.
 */
export async function gatherPacks({ git, mirrorDir, signal }: MirrorContext): Promise<void> {
  const folder = join(mirrorDir, 'objects', 'pack')
  const packs = (await namesIn(folder)).filter((name) => name.endsWith('.pack')).length
  if (packs - (await headerCount(join(folder, 'multi-pack-index'))) < MANY_PACKS) return
  await git.run({ args: ['multi-pack-index', 'write', '--no-progress'], gitDir: mirrorDir, signal })
}
