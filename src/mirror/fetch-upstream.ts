import { dirname, join } from 'node:path'
import { writeFileAtomic, writeJsonAtomic } from '../fs/atomic-write.js'
import { makeDirectories } from '../fs/make-directories.js'
import { readTextIfPresent } from '../fs/read-json.js'
import type { MirrorState } from '../model/mirror-state.js'
import { fetchRefs } from './fetch-refs.js'
import { gatherPacks } from './gather-packs.js'
import type { MirrorContext } from './mirror-context.js'
import { removeOddReflogs } from './odd-reflogs.js'
import { askRemoteHead, type RemoteHead } from './remote-head.js'
import { UPSTREAM_BRANCHES } from './repository.js'
import { DETACHED_HEAD } from './upstream-tips.js'

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
  context.onTampered?.(await removeOddReflogs(context.mirrorDir))
  const stop = new AbortController()
  const signal = context.signal ? AbortSignal.any([context.signal, stop.signal]) : stop.signal
  const asked = knownHead ?? askRemoteHead(context.git, context.access, context.signal)
  const fetched = fetchRefs(
    { ...context, signal },
    ['+refs/heads/*:refs/remotes/origin/*'],
    ['--prune', '--tags', '--force'],
  )
  // Both have ended before anything is thrown, so that no fetch goes on outside the lock.
  await Promise.allSettled([stoppingOthers(asked, stop), fetched])
  await fetched
  await followHead(context, await asked)
  await writeJsonAtomic(join(context.mirrorDir, MIRROR_STATE_FILE), { fetchedAt, objectFormat })
  await gatherPacks(context)
  return { fetchedAt, objectFormat, filter: context.filter }
}

/** A source that is too much already by what it says of itself need not be fetched to the end. */
async function stoppingOthers(asked: RemoteHead | Promise<RemoteHead>, stop: AbortController): Promise<void> {
  try {
    await asked
  } catch (error) {
    stop.abort(error)
  }
}

/** Fetches one commit that no branch or tag reaches; hosts may refuse that. The caller holds the fetch lock. */
export async function fetchCommit(context: MirrorContext, commit: string): Promise<void> {
  await fetchRefs(context, [`+${commit}:refs/git-task/pinned/${commit}`], ['--no-tags'])
  await gatherPacks(context)
}

async function followHead(context: MirrorContext, head: RemoteHead): Promise<void> {
  if (head.branch !== undefined)
    return pointHead(context.mirrorDir, `ref: ${UPSTREAM_BRANCHES}${head.branch}\n`)
  // A detached HEAD names a commit that may be on no branch.
  if (head.commit === undefined) return
  await fetchRefs(context, [`+HEAD:${DETACHED_HEAD}`], ['--no-tags'])
  await pointHead(context.mirrorDir, `ref: ${DETACHED_HEAD}\n`)
}

async function pointHead(mirrorDir: string, content: string): Promise<void> {
  const file = join(mirrorDir, UPSTREAM_BRANCHES, 'HEAD')
  if ((await readTextIfPresent(file)) === content) return
  await makeDirectories(dirname(file))
  await writeFileAtomic(file, content)
}
