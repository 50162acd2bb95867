import { IntegrityError } from '../errors/workspace-error.js'

/** Bytes without a place on the disk that the files of one archive may have: reading them takes a minute or two. */
const MAX_HOLE_BYTES = 16 * 1024 ** 3
const BLOCK_BYTES = 512

/** Anybody can make a file of terabytes that takes no room: what there is of that in one archive is counted. */
export class HoleBudget {
  #found = 0

  /** @throws IntegrityError ARCHIVE_FAILED naming the file with which it is too much. */
  count({ size, blocks }: { readonly size: number; readonly blocks: number }, path: Buffer): void {
    this.#found += Math.max(0, size - blocks * BLOCK_BYTES)
    if (this.#found <= MAX_HOLE_BYTES) return
    const message = `the files have more holes than are archived, the last of them in ${path.toString()}`
    throw new IntegrityError('ARCHIVE_FAILED', message, {
      data: { path: path.toString(), limit: 'holes', max: MAX_HOLE_BYTES, found: this.#found },
      hint: 'Remove the file, or make a smaller one of it, then try again.',
    })
  }
}
