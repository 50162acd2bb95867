import { rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withPatientLock } from '../fs/lock-heartbeat.js'
import { temporaryName } from '../fs/temporary-name.js'
import { deleteTree } from '../fs/trash.js'
import type { ObjectFormat } from '../model/object-format.js'
import { initialise } from './initialise-mirror.js'
import { readMirrorState } from './mirror.js'
import type { MirrorContext } from './mirror-context.js'
import { UPSTREAM_BRANCHES } from './repository.js'

const SILENCE_MS = 30_000

/** What a mirror is made again from, without its remote. */
export interface MirrorSeed {
  readonly objectFormat: ObjectFormat
  /** The upstream branch that the commit was on, where it is known to be one. */
  readonly branch: string | undefined
  readonly commit: string
  /** Fills a folder of objects. */
  readonly takeIn: (objects: string) => Promise<void>
}

/**
 * Makes a mirror of objects that are at hand, where there is none: it knows of one branch only, and as one that was
 * never fetched it is brought up to date by the next prepare.
 */
export async function seedMirror(context: MirrorContext, seed: MirrorSeed): Promise<void> {
  const options = { timeoutMs: context.silenceMs ?? SILENCE_MS, signal: context.signal, purpose: 'fetch' }
  await withPatientLock(context.fetchLock, options, async () => {
    if ((await readMirrorState(context.mirrorDir)) === undefined) await build(context, seed)
  })
}

async function build(
  context: MirrorContext,
  { objectFormat, branch, commit, takeIn }: MirrorSeed,
): Promise<void> {
  const { git, mirrorDir, signal } = context
  const building = join(dirname(mirrorDir), temporaryName(basename(mirrorDir)))
  try {
    await initialise(git, building, objectFormat, context)
    await takeIn(join(building, 'objects'))
    if (branch !== undefined)
      await git.run({
        args: ['update-ref', `${UPSTREAM_BRANCHES}${branch}`, commit],
        gitDir: building,
        signal,
      })
    await rename(building, mirrorDir)
  } catch (error) {
    await deleteTree(building)
    throw error
  }
}
