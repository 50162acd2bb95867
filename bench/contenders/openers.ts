import type { Place } from '../jobs.js'
import type { OpenContender, Opener } from './contender.js'
import { openClones } from './git-clone.js'
import { openOneAtATime, openWorktrees } from './git-worktree.js'
import { openManager, WARM } from './prepare.js'

const openers: Readonly<Record<string, Opener>> = {
  'clone-url': (place) => openClones(place, place.url),
  'clone-depth-1': (place) => openClones(place, '--depth', '1', place.url),
  'clone-shared': (place) => openClones(place, '--shared', place.mirror),
  'clone-local': (place) => openClones(place, '--local', place.mirror),
  'worktree-add': openWorktrees,
  'worktree-add-locked': openOneAtATime,
  'prepare-clone': (place) => openManager(place, { strategy: 'clone', freshness: WARM }),
  'prepare-worktree': (place) => openManager(place, { strategy: 'worktree', freshness: WARM }),
  // As it is when nothing is configured: each prepare asks the upstream for what is new.
  'prepare-clone-fetch': (place) => openManager(place, { strategy: 'clone' }),
}

/** Makes a contender ready, in a folder of its own below the place's. */
export async function openContender(id: string, place: Place): Promise<OpenContender> {
  const open = openers[id]
  if (open) return open({ ...place, directory: `${place.directory}/${id}` })
  throw new Error(`nobody knows how to open the contender "${id}"`)
}
