import { hasErrorCode } from '../errors/workspace-error.js'
import { readRefs } from '../git/agent-git-dir.js'
import { standsInTheWayOf } from '../git/refs-in-the-way.js'
import { withFetchConfig } from './fetch-config.js'
import type { MirrorContext } from './mirror-context.js'

const TAGS = 'refs/tags/'

/** What git says of a ref that would be a folder of another, or in one that is a ref. */
const REFUSED = /'refs\/tags\/[^']+' exists; cannot create 'refs\/tags\/([^']+)'/g

/** The same in its list of all refs, which is at the end where it moves them together (git 2.55). */
const LISTED = /^ ! \[[^\]]+\]\s+\S+\s+-> (\S+)\s+\(unable to update local ref\)/gm

/** A failure names some thirty: of its text the end is kept. */
const MAX_ROUNDS = 50

/**
 * Runs a fetch again where tags of the mirror stood in the way of upstream's, which they cannot be: they are not pruned,
 * since a task may have made them, and one that upstream had once, such as `v1` where it has `v1/rc` now, would end every
 * fetch from then on. They go; what they named stays.
 */
export async function makingWayForTags(context: MirrorContext, fetch: () => Promise<void>): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      return await fetch()
    } catch (error) {
      const wanted = refusedTags(error)
      if (round === MAX_ROUNDS || wanted.length === 0 || !(await removeTags(context, wanted))) throw error
    }
  }
}

function refusedTags(error: unknown): string[] {
  if (!hasErrorCode(error, 'GIT_FAILED')) return []
  const stderr = String(error.data['stderr'])
  const names = [...stderr.matchAll(REFUSED), ...stderr.matchAll(LISTED)].map(([, name]) => name)
  return [...new Set(names)].map((name) => `${TAGS}${name}`)
}

/** Whether there were any in the way of these. */
async function removeTags(context: MirrorContext, wanted: readonly string[]): Promise<boolean> {
  const { git, mirrorDir, signal } = context
  const tags = await readRefs({ gitDir: mirrorDir, commonDir: mirrorDir }, [TAGS])
  const odd = [...tags.keys()].filter(standsInTheWayOf(wanted))
  if (odd.length === 0) return false
  const input = odd.map((ref) => `delete ${ref}\n`).join('')
  await withFetchConfig(context, (place) =>
    git.run({ args: ['update-ref', '--stdin'], input, ...place, signal }),
  )
  return true
}
