import { dirname, join } from 'node:path'
import { writeFileAtomic, writeJsonAtomic } from '../fs/atomic-write.js'
import { makeDirectories } from '../fs/make-directories.js'
import { readTextIfPresent } from '../fs/read-json.js'
import type { MirrorState } from '../model/mirror-state.js'
import { gatherPacks } from './gather-packs.js'
import type { MirrorContext } from './mirror-context.js'
import { fetchPlace } from './partial-mirror.js'
import { askRemoteHead, type RemoteHead } from './remote-head.js'
import { UPSTREAM_BRANCHES } from './repository.js'

export const MIRROR_STATE_FILE = 'git-task-state.json'

/**
 * Brings the mirror's copy of the upstream branches and tags up to date and follows the remote's default
 * branch. Branches made by tasks live elsewhere (`refs/heads/`) and are never touched; tags are never pruned,
 * since a task may have made one.
 */
export async function fetchUpstream(
  context: MirrorContext,
  objectFormat: MirrorState['objectFormat'],
  knownHead?: RemoteHead,
): Promise<MirrorState> {
  const fetchedAt = context.now().toISOString()
  const asked = knownHead ?? askRemoteHead(context.git, context.access, context.signal)
  const fetched = fetchRefs(
    context,
    ['+refs/heads/*:refs/remotes/origin/*'],
    ['--prune', '--tags', '--force'],
  )
  // Both have ended before anything is thrown, so that no fetch goes on outside the lock.
  await Promise.allSettled([asked, fetched])
  await fetched
  await followHead(context, await asked)
  await writeJsonAtomic(join(context.mirrorDir, MIRROR_STATE_FILE), { fetchedAt, objectFormat })
  await gatherPacks(context)
  return { fetchedAt, objectFormat, filter: context.filter }
}

/** Fetches one commit that no branch or tag reaches; hosts may refuse that. */
export async function fetchCommit(context: MirrorContext, commit: string): Promise<void> {
  await fetchRefs(context, [`+${commit}:refs/git-task/pinned/${commit}`], ['--no-tags'])
}

async function fetchRefs(
  context: MirrorContext,
  refspecs: readonly string[],
  options: readonly string[],
): Promise<void> {
  const quiet = [
    '--no-write-fetch-head',
    '--no-auto-maintenance',
    '--no-recurse-submodules',
    '--update-shallow',
  ]
  const { remote, config } = fetchPlace(context)
  await context.git.run({
    args: ['fetch', ...quiet, ...options, '--progress', '--', remote, ...refspecs],
    config,
    gitDir: context.mirrorDir,
    network: context.access.network,
    signal: context.signal,
    onProgress: context.onFetchProgress,
  })
}

async function followHead(context: MirrorContext, head: RemoteHead): Promise<void> {
  if (head.branch !== undefined)
    return pointHead(context.mirrorDir, `ref: ${UPSTREAM_BRANCHES}${head.branch}\n`)
  // A detached HEAD names a commit that may be on no branch.
  if (head.commit === undefined) return
  await fetchRefs(context, ['+HEAD:refs/git-task/upstream-head'], ['--no-tags'])
  await pointHead(context.mirrorDir, 'ref: refs/git-task/upstream-head\n')
}

async function pointHead(mirrorDir: string, content: string): Promise<void> {
  const file = join(mirrorDir, UPSTREAM_BRANCHES, 'HEAD')
  if ((await readTextIfPresent(file)) === content) return
  await makeDirectories(dirname(file))
  await writeFileAtomic(file, content)
}
