import { type BigIntStats, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from '../fs/presence.js'
import { makerOfTemporary } from '../fs/temporary-name.js'
import { repositoryOf } from './work-area.js'

/**
 * Whether a living process of this machine holds a lock that it made itself, without a git: such a lock is a second
 * name of a temporary file in the same repository, whose first name tells its maker. A lock that a git made has one
 * name only.
 */
export async function isHeldByNode(lock: string, { dev, ino, nlink }: BigIntStats): Promise<boolean> {
  const repository = nlink > 1n ? await repositoryOf(lock) : undefined
  if (repository === undefined) return false
  const living = (await namesIn(repository)).filter((name) => makerOfTemporary(name) === 'alive')
  return living.some((name) => {
    const other = lstatSync(join(repository, name), { bigint: true, throwIfNoEntry: false })
    return other?.dev === dev && other.ino === ino
  })
}
