import { stat } from 'node:fs/promises'
import { hasErrorCode } from '../errors/workspace-error.js'
import type { ObjectLookup } from './object-lookup.js'

/** An orchestrator may work on many repositories; those that were asked last keep their process. */
const MAX_OPEN = 16

interface Entry {
  /** Tells a repository from one that has taken its place. */
  readonly identity: string
  readonly lookup: Promise<ObjectLookup>
}

/** The long-lived look-ups of one manager, one for each repository. */
export class ObjectLookups {
  readonly #start: (gitDir: string) => Promise<ObjectLookup>
  readonly #entries = new Map<string, Entry>()

  constructor(start: (gitDir: string) => Promise<ObjectLookup>) {
    this.#start = start
  }

  /** As `ObjectLookup.commits`; a process that has died is replaced once. */
  async commits(
    gitDir: string,
    names: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<(string | undefined)[]> {
    const lookup = await this.#open(gitDir)
    try {
      return await lookup.commits(names, signal)
    } catch (error) {
      // A timeout or a stop is an answer; that somebody killed the process is none.
      if (lookup.isOpen || !hasErrorCode(error, 'GIT_FAILED')) throw error
      return (await this.#open(gitDir)).commits(names, signal)
    }
  }

  /** Resolves when every process has ended. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    await Promise.all(entries.map(closeEntry))
  }

  async #open(gitDir: string): Promise<ObjectLookup> {
    const identity = await identityOf(gitDir)
    const known = this.#entries.get(gitDir)
    if (known?.identity === identity && (await isUsable(known))) {
      this.#entries.delete(gitDir)
      this.#entries.set(gitDir, known)
      return known.lookup
    }
    // Another call may have replaced it while this one looked.
    const now = this.#entries.get(gitDir)
    if (now !== undefined && now !== known && now.identity === identity) return now.lookup
    const entry = { identity, lookup: this.#start(gitDir) }
    this.#entries.set(gitDir, entry)
    if (known !== undefined) await closeEntry(known)
    await this.#closeOldest()
    return entry.lookup
  }

  async #closeOldest(): Promise<void> {
    const [oldest] = this.#entries
    if (oldest === undefined || this.#entries.size <= MAX_OPEN) return
    this.#entries.delete(oldest[0])
    await closeEntry(oldest[1])
  }
}

/** One that could not be started is nothing to go on with. */
async function isUsable({ lookup }: Entry): Promise<boolean> {
  const [outcome] = await Promise.allSettled([lookup])
  return outcome.status === 'fulfilled' && outcome.value.isOpen
}

async function closeEntry({ lookup }: Entry): Promise<void> {
  const [outcome] = await Promise.allSettled([lookup])
  if (outcome.status === 'fulfilled') await outcome.value.close()
}

async function identityOf(gitDir: string): Promise<string> {
  const { dev, ino } = await stat(gitDir)
  return `${dev}:${ino}`
}
