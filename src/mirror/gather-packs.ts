import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { namesIn } from '../fs/presence.js'
import type { MirrorContext } from './mirror-context.js'

/** Every fetch adds a pack, and a look-up may have to ask each one. */
const MANY_PACKS = 20

/**
 * Gives the packs of a mirror that has many of them one index (git-multi-pack-index(1)), which workspaces that
 * borrow from it use as well. Nothing is repacked and nothing removed, so that no borrower can miss an object.
 * The caller holds the fetch lock.
 */
export async function gatherPacks({ git, mirrorDir, signal }: MirrorContext): Promise<void> {
  const folder = join(mirrorDir, 'objects', 'pack')
  const packs = (await namesIn(folder)).filter((name) => name.endsWith('.pack')).length
  if (packs - (await indexedPacks(folder)) < MANY_PACKS) return
  await git.run({ args: ['multi-pack-index', 'write', '--no-progress'], gitDir: mirrorDir, signal })
}

/** The number of packs that the common index covers: bytes 8 to 11 of its header (gitformat-pack(5)). */
async function indexedPacks(folder: string): Promise<number> {
  try {
    const file = await open(join(folder, 'multi-pack-index'))
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0)
      return bytesRead === 12 ? buffer.readUInt32BE(8) : 0
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0
    throw error
  }
}
