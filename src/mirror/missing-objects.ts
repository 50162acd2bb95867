import { GitError } from '../errors/workspace-error.js'
import { conePathspecs } from '../git/sparse-cone.js'
import type { FreshnessSettings } from '../model/options.js'
import { withFetchLock } from './fetch-lock.js'
import { fetchOnly } from './fetch-refs.js'
import { gatherPacks } from './gather-packs.js'
import type { MirrorContext } from './mirror-context.js'

/** Trees come with the first fetch where they were left out, files with the next. */
const MAX_FETCHES = 3

/** The objects that writing a checkout takes. */
export interface CheckoutObjects {
  readonly commit: string
  /** The folders of a sparse checkout; absent: all. */
  readonly sparse?: readonly string[] | undefined
}

/**
 * Sees to it that a partial mirror has all that a checkout takes, so that nothing of it is fetched while files are
 * written.
 *
 * @throws GitError as a fetch does; GIT_REF_MISSING where the remote does not have it any more; GIT_NETWORK where
 * something is missing and the freshness is offline.
 */
export async function fetchCheckoutObjects(
  context: MirrorContext,
  freshness: FreshnessSettings,
  wanted: CheckoutObjects,
): Promise<void> {
  const missing = await missingObjects(context, wanted)
  if (missing.length === 0) return
  if (freshness.mode === 'offline') throw missingOffline(wanted.commit, missing.length)
  // Tasks with the same base fetch it once: whoever waited for the lock finds nothing missing.
  await withFetchLock(context, async (locked) => {
    await fetchMissing(locked, wanted)
    await gatherPacks(locked)
  })
}

/** Which trees and files of a checkout a partial mirror does not have. Nothing is fetched. */
async function missingObjects(
  { git, mirrorDir, signal }: MirrorContext,
  { commit, sparse }: CheckoutObjects,
): Promise<string[]> {
  const paths = sparse === undefined ? [] : ['--', ...conePathspecs(sparse)]
  const { stdout } = await git.run({
    // A commit is looked at even if it changed none of these paths: --sparse in the words of git-rev-list(1).
    args: ['rev-list', '--objects', '--no-walk', '--sparse', '--quiet', '--missing=print', '--stdin'],
    input: [commit, ...paths].map((line) => `${line}\n`).join(''),
    gitDir: mirrorDir,
    signal,
  })
  return stdout.split('\n').flatMap((line) => (line.startsWith('?') ? [line.slice(1)] : []))
}

/** Fetches what a checkout lacks in one batch, or two where trees were left out as well. */
async function fetchMissing(context: MirrorContext, wanted: CheckoutObjects): Promise<void> {
  for (let fetches = 0; ; fetches += 1) {
    const missing = await missingObjects(context, wanted)
    if (missing.length === 0) return
    if (fetches === MAX_FETCHES) throw stillMissing(wanted.commit, missing.length)
    await fetchObjects(context, missing)
  }
}

/** As git itself fetches what a partial clone lacks (promisor-remote.c), but for all of it at once. */
async function fetchObjects(context: MirrorContext, oids: readonly string[]): Promise<void> {
  await fetchOnly(context, {
    options: ['--no-tags', '--filter=blob:none', '--stdin'],
    input: oids.map((oid) => `${oid}\n`).join(''),
    // Nothing is told of what is here: the remote would leave out what it takes us to have.
    config: { 'fetch.negotiationAlgorithm': 'noop' },
  })
}

function stillMissing(commit: string, count: number): GitError {
  return new GitError('GIT_REF_MISSING', 'the remote does not have all files of the base', {
    data: { commit, missing: count },
  })
}

/** The error for a partial mirror that nothing may be fetched into. */
function missingOffline(commit: string, count: number): GitError {
  return new GitError('GIT_NETWORK', 'the mirror lacks files of the base, and the freshness is offline', {
    data: { commit, missing: count },
    hint: "Prepare with the freshness mode 'prefer' or 'require'.",
    retryable: false,
  })
}
