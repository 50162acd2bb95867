import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { inTurns } from '../fs/in-turns.js'
import { namesIn } from '../fs/presence.js'
import { settledStamp } from '../fs/settled-stamp.js'
import { limitExceeded } from './limit-exceeded.js'
import type { MirrorContext } from './mirror-context.js'

/** A folder of loose objects that nothing has changed in since they were added up. */
interface SettledFolder {
  readonly stamp: string
  readonly bytes: number
}

/** Adds up the objects of a repository, those included that are just being written; whole ones are looked at once. */
export class PackBytes {
  readonly #folder: string
  readonly #whole = new Map<string, number>()
  readonly #settled = new Map<string, SettledFolder>()

  constructor(gitDir: string) {
    this.#folder = join(gitDir, 'objects', 'pack')
  }

  async total(): Promise<number> {
    const names = await namesIn(this.#folder)
    const sizes = await Promise.all(names.map((name) => this.#sizeOf(name)))
    return sizes.reduce((sum, size) => sum + size, await this.#looseBytes())
  }

  /** A server of plain files gives its objects one by one; each is whole when it has its name. */
  async #looseBytes(): Promise<number> {
    const objects = dirname(this.#folder)
    const folders = (await namesIn(objects)).filter((name) => /^[0-9a-f]{2}$/.test(name))
    let bytes = 0
    for await (const some of inTurns(folders))
      for (const folder of some) bytes += await this.#bytesIn(join(objects, folder))
    return bytes
  }

  /** A look at a folder is enough where nothing in it has changed, which is so in next to all of hundreds. */
  async #bytesIn(folder: string): Promise<number> {
    const stamp = settledStamp(folder, new Date())
    const before = this.#settled.get(folder)
    if (before !== undefined && before.stamp === stamp) return before.bytes
    const names = await namesIn(folder)
    let bytes = 0
    for (const name of names)
      bytes += await this.#wholeSize(`${basename(folder)}/${name}`, join(folder, name))
    // One that is just being written grows without a trace in its folder.
    const isWhole = !names.some((name) => name.startsWith('tmp_'))
    if (stamp !== undefined && isWhole) this.#settled.set(folder, { stamp, bytes })
    return bytes
  }

  /** Packs and indexes that are not whole. */
  async unfinished(): Promise<string[]> {
    const names = await namesIn(this.#folder)
    return names.filter((name) => name.startsWith('tmp_')).map((name) => join(this.#folder, name))
  }

  #sizeOf(name: string): Promise<number> {
    return this.#wholeSize(name, join(this.#folder, name))
  }

  async #wholeSize(name: string, path: string): Promise<number> {
    const known = this.#whole.get(name)
    if (known !== undefined) return known
    const size = await sizeOf(path)
    if (!basename(name).startsWith('tmp_')) this.#whole.set(name, size)
    return size
  }
}

/** @throws GitError LIMIT_EXCEEDED where a mirror is larger than it may be. Answers with its size. */
export async function assertMirrorFits({ mirrorDir, limits }: MirrorContext): Promise<number> {
  const max = limits?.maxRepositoryBytes
  if (max === undefined) return 0
  const found = await new PackBytes(mirrorDir).total()
  if (found > max) throw limitExceeded({ limit: 'maxRepositoryBytes', max, found, what: 'the mirror' })
  return found
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).size
  } catch (error) {
    // git names a pack anew when it is whole.
    if (isSystemError(error, 'ENOENT')) return 0
    throw error
  }
}
