import { rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GitError } from '../errors/workspace-error.js'
import { namesIn } from '../fs/presence.js'
import { isTemporaryNameOf, temporaryName } from '../fs/temporary-name.js'
import { deleteTree } from '../fs/trash.js'
import { endOrphans } from '../git/orphans.js'
import { fetchUpstream } from './fetch-upstream.js'
import { removeForgedCuts } from './forged-cuts.js'
import { initialise } from './initialise-mirror.js'
import type { MirrorContext } from './mirror-context.js'
import { askObjectFormat, askRemoteHead } from './remote-head.js'
import { rememberUpstream } from './upstream-tips.js'

/**
 * Builds the mirror in a temporary folder and renames it into place, so that a killed clone never
 * poisons the cache. The caller holds the fetch lock. `bind` ties the environment to this source for good; it
 * runs when the source has proven to be a repository, and rejects where the environment has another one.
 */
export async function createMirror(context: MirrorContext, bind: () => Promise<void>): Promise<void> {
  const { git, access, mirrorDir, signal } = context
  await removeUnfinished(mirrorDir)
  const head = await askRemoteHead(git, access, signal)
  const format = await askObjectFormat(git, access, head, signal)
  if (format === 'empty') throw emptyRepository(access.location)
  const building = join(dirname(mirrorDir), temporaryName(basename(mirrorDir)))
  try {
    await initialise(git, building, format, context)
    await fetchUpstream({ ...context, mirrorDir: building, stage: 'building' }, format, head)
    // A fetch writes a file for each ref, and there may be thousands.
    await git.run({ args: ['pack-refs', '--all'], gitDir: building, signal })
    await bind()
    await rename(building, mirrorDir)
    await rememberUpstream(mirrorDir)
    await removeForgedCuts(git, { mirrorDir, signal })
  } catch (error) {
    await deleteTree(building)
    throw error
  }
}

/** What killed builders left; the fetch lock says that nobody else is building. */
async function removeUnfinished(mirrorDir: string): Promise<void> {
  const parent = dirname(mirrorDir)
  const names = (await namesIn(parent)).filter((name) => isTemporaryNameOf(name, basename(mirrorDir)))
  if (names.length > 0) await endOrphans()
  for (const name of names) await deleteTree(join(parent, name))
}

export function emptyRepository(location: string): GitError {
  return new GitError('GIT_REPOSITORY_EMPTY', 'the source has no commits yet', { data: { source: location } })
}
