import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { kindOf, kindsOf, namesIn } from '../fs/presence.js'
import { readRefs } from '../git/agent-git-dir.js'
import type { MirrorState } from '../model/mirror-state.js'
import { objectFormatOf } from '../model/object-format.js'
import type { ObjectFilter } from '../model/shape.js'
import { MIRROR_STATE_FILE } from './fetch-upstream.js'
import type { Tampering } from './tampering.js'

/**
 * How much of a mirror is there. `torn` can be put right where it is: its configuration, its HEAD or its refs are gone.
 * `ruined` cannot: its objects are gone.
 */
export type MirrorCondition = 'absent' | 'whole' | 'torn' | 'ruined'

/** A few looks at the disk, and no process. */
export async function conditionOf(mirrorDir: string): Promise<MirrorCondition> {
  const looked = await kindsOf(['objects', 'refs', 'HEAD', 'config'].map((name) => join(mirrorDir, name)))
  // A configuration that is a link or a pipe says nothing.
  const kinds = looked.map((kind, index) => (index === 3 && kind !== 'file' ? 'absent' : kind))
  if (!kinds.includes('absent')) return 'whole'
  // Only what has been in a mirror makes a folder one: somebody may have made an empty one by hand.
  if (kinds.every((kind) => kind === 'absent') && (await kindOf(mirrorDir)) === 'absent') return 'absent'
  return kinds[0] === 'absent' ? 'ruined' : 'torn'
}

/**
 * Makes the folder of a torn mirror's refs again, which are then fetched: those of tasks are lost. Idempotent; any
 * number of processes may do it at once.
 */
export async function mendRefs(mirrorDir: string): Promise<Tampering[]> {
  const path = join(mirrorDir, 'refs')
  if ((await kindOf(path)) !== 'absent') return []
  await rm(join(mirrorDir, MIRROR_STATE_FILE), { force: true })
  await mkdir(join(path, 'heads'), { recursive: true })
  return [{ path, problem: 'the mirror had lost its refs' }]
}

/** What the lost configuration of a mirror must have said, told by what else is there. */
export async function guessState(
  mirrorDir: string,
  remembered: MirrorState | undefined,
  wanted: ObjectFilter | undefined,
): Promise<MirrorState> {
  const packs = await namesIn(join(mirrorDir, 'objects', 'pack'))
  // What it leaves out is asked for again where it is missed, by whatever filter.
  const filter = packs.some((name) => name.endsWith('.promisor')) ? (wanted ?? 'blob:none') : undefined
  const objectFormat = remembered?.objectFormat ?? (await formatOfRefs(mirrorDir))
  return { fetchedAt: remembered?.fetchedAt ?? new Date(0).toISOString(), objectFormat, filter }
}

async function formatOfRefs(gitDir: string): Promise<MirrorState['objectFormat']> {
  const [oid] = (await readRefs({ gitDir, commonDir: gitDir }, ['refs/'])).values()
  return objectFormatOf(oid)
}
