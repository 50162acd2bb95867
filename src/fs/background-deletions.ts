import { dirname, sep } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { removeIfEmpty } from './contained-path.js'
import { diskUsage } from './disk-usage.js'
import { mountsInside } from './mounts-inside.js'
import { removeOnItsOwn } from './remove-tree.js'
import { deleteTree } from './trash.js'

/** Deletions wait for the disk, of which there is one. */
const AT_ONCE = 2

/** So long `close` waits for what is being deleted, since small trees are gone by then. */
const PATIENCE_MS = 1_000

/** A command line has room for so many paths; the rest stays in the trash. */
const MOST_AT_ONCE = 500

/** Something that nobody needs any more. Nothing is told after `close`. */
export interface Deletion {
  /** In a folder of the trash that goes with the last thing in it. */
  readonly path: string
  /** Told of the disk blocks that it takes, in bytes, before it is deleted. */
  readonly onMeasured: (bytes: number) => void
  readonly onDeleted: (bytes: number) => void
  /** Told of what resists, and stays where it is. */
  readonly onFailure: (failure: Error) => void
}

interface Measured extends Deletion {
  readonly bytes: number
}

/**
 * Deletes what is in the trash while its caller goes on: two trees at a time, each in a child that neither keeps this
 * process from ending nor ends with it. Nothing is kept in mind that the trash does not tell: what is not deleted when
 * this process ends is found there by the next sweep.
 */
export class BackgroundDeletions {
  readonly #measuring = new Set<Deletion>()
  readonly #waiting: Measured[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #begun = new Set<string>()
  #deleting = 0
  readonly #closed = new AbortController()

  /** One that resists is tried once more and then left, so that it is in nobody's way. */
  add(deletion: Deletion): void {
    if (this.#closed.signal.aborted) return
    this.#begun.add(deletion.path)
    this.#measuring.add(deletion)
    const measured = this.#measure(deletion).finally(() => this.#running.delete(measured))
    this.#running.add(measured)
  }

  /** Whether something in a folder is being deleted, or waits for that, so that nobody else need look after it. */
  isAtWorkIn(folder: string): boolean {
    return [...this.#begun].some((path) => path.startsWith(`${folder}${sep}`))
  }

  /**
   * Waits a second at most; what is not gone by then is handed over to a child that goes on by itself. Further
   * deletions are left to the next sweep.
   */
  async close(): Promise<void> {
    await this.#settledOrTooLong()
    if (this.#closed.signal.aborted) return
    // With the folders that they are alone in: whatever else is moved there meanwhile is trash as well.
    const rest = [...this.#measuring, ...this.#waiting.splice(0)].map(({ path }) => dirname(path))
    this.#closed.abort()
    const plain = await withoutMounts([...new Set(rest)].slice(0, MOST_AT_ONCE))
    if (plain.length > 0) removeOnItsOwn(plain)
  }

  /** Only the timer keeps the process from ending meanwhile. */
  async #settledOrTooLong(): Promise<void> {
    const settled = new AbortController()
    const patience = later(PATIENCE_MS, undefined, { signal: settled.signal }).catch((error: unknown) => {
      if (!settled.signal.aborted) throw error
    })
    await Promise.race([this.#settled(), patience])
    settled.abort()
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** At once for all: it takes little, and a caller may be waiting for it. */
  async #measure(deletion: Deletion): Promise<void> {
    await this.#orTold(deletion, async (signal) => {
      const bytes = await diskUsage(deletion.path, signal)
      deletion.onMeasured(bytes)
      this.#waiting.push({ ...deletion, bytes })
    })
    this.#measuring.delete(deletion)
    this.#startNext()
  }

  #startNext(): void {
    if (this.#deleting >= AT_ONCE) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#deleting += 1
    const running = this.#delete(next).finally(() => {
      this.#running.delete(running)
      this.#deleting -= 1
      this.#startNext()
    })
    this.#running.add(running)
  }

  async #delete(deletion: Measured): Promise<void> {
    await this.#orTold(deletion, async (signal) => {
      // Nobody but the child is left to do it where this process ends meanwhile.
      const parent = 'goes if empty'
      await deleteTree(deletion.path, { life: 'its own', parent, mayTryAgain: () => !signal.aborted })
      await removeIfEmpty(dirname(deletion.path))
      this.#begun.delete(deletion.path)
      if (!signal.aborted) deletion.onDeleted(deletion.bytes)
    })
  }

  /** Nobody waits for it, so that nobody could catch what it throws. */
  async #orTold(
    { path, onFailure }: Deletion,
    action: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { signal } = this.#closed
    try {
      await action(signal)
    } catch (error) {
      this.#begun.delete(path)
      if (!signal.aborted) onFailure(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

async function withoutMounts(paths: readonly string[]): Promise<string[]> {
  const mounts = await Promise.all(paths.map(mountsInside))
  return paths.filter((_, index) => mounts[index]?.length === 0)
}
