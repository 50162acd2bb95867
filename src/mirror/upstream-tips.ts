import { dirname, join } from 'node:path'
import { writeFileAtomic } from '../fs/atomic-write.js'
import { readRef, readRefs, readSymbolicRef } from '../git/agent-git-dir.js'
import { readPlain } from '../git/plain-files.js'
import { UPSTREAM_BRANCHES, UPSTREAM_HEAD } from './repository.js'

/** Where the mirror's HEAD leads if upstream's is detached. */
export const DETACHED_HEAD = 'refs/git-task/upstream-head'

/** Of as many branches as no repository has. */
const MAX_BYTES = 256 * 1024 * 1024

/**
 * Beside the mirror, not in it: agents with linked worktrees write to the mirror, remote-tracking refs included, so
 * that what those name is no evidence of what upstream has.
 */
const tipsFileOf = (mirrorDir: string) => join(dirname(mirrorDir), 'upstream-tips')

/** Writes down what a fetch of the manager's own has found upstream. Called under the fetch lock. */
export async function rememberUpstream(mirrorDir: string): Promise<void> {
  const lines = [...new Set((await upstreamRefs(mirrorDir)).values())].sort().map((oid) => `${oid}\n`)
  // A lost or older memory costs one more fetch.
  await writeFileAtomic(tipsFileOf(mirrorDir), lines.join(''), { outlives: 'process' })
}

/**
 * The commits that upstream's branches named when the manager last fetched, as far as the mirror's refs still name
 * them, so that they are there. None where nothing is remembered.
 */
export async function savedUpstream(mirrorDir: string): Promise<string[]> {
  const remembered = new Set(((await readPlain(tipsFileOf(mirrorDir), MAX_BYTES)) ?? '').split('\n'))
  if (remembered.size <= 1) return []
  const named = new Set((await upstreamRefs(mirrorDir)).values())
  return [...named].filter((oid) => remembered.has(oid))
}

async function upstreamRefs(mirrorDir: string): Promise<Map<string, string>> {
  const repository = { gitDir: mirrorDir, commonDir: mirrorDir }
  const refs = await readRefs(repository, [UPSTREAM_BRANCHES])
  if ((await readSymbolicRef(mirrorDir, UPSTREAM_HEAD)) !== DETACHED_HEAD) return refs
  const detached = await readRef(repository, DETACHED_HEAD)
  if (detached !== undefined) refs.set(DETACHED_HEAD, detached)
  return refs
}
