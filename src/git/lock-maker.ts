import { type BigIntStats, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from '../fs/presence.js'
import { makerOfTemporary } from '../fs/temporary-name.js'
import { repositoryAround } from './work-area.js'

/** Who made a lock without a git: a process of this machine that lives or is gone, or nobody. */
export type NodeMaker = 'alive' | 'dead' | 'none'

/**
 * Tells whether a process of ours made a lock itself, without a git: such a lock is a second name of a temporary file in
 * the same repository, whose first name tells its maker. A lock that a git made has one name only.
 */
export async function nodeMakerOf(lock: string, { dev, ino, nlink }: BigIntStats): Promise<NodeMaker> {
  const repository = nlink > 1n ? await repositoryAround(lock) : undefined
  if (repository === undefined) return 'none'
  for (const name of await namesIn(repository)) {
    const maker = makerOfTemporary(name)
    if (maker !== 'alive' && maker !== 'dead') continue
    const other = lstatSync(join(repository, name), { bigint: true, throwIfNoEntry: false })
    if (other?.dev === dev && other.ino === ino) return maker
  }
  return 'none'
}
