import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { HeartbeatFile } from '../fs/heartbeat-file.js'
import { hasStopped, isFresh, LEASE_TIMING, type WatchTiming } from '../fs/heartbeat-watch.js'
import { namesIn } from '../fs/presence.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { managedReposDir, ownersDir } from '../model/layout.js'
import { type Owner, parseOwner } from '../model/session-record.js'
import { currentOwner, type OwnerState, processState } from './owner.js'

/**
 * This process's lease on a root: one file with a heartbeat, however many managers and sessions there are. It is
 * there while any of them needs it, and tells other hosts that the owner of its records lives.
 */
export class OwnerLease {
  readonly #root: string
  readonly #timing: WatchTiming
  #kept: (() => Promise<void>) | undefined

  constructor(root: string, timing: WatchTiming = LEASE_TIMING) {
    this.#root = root
    this.#timing = timing
  }

  /**
   * Runs what writes records that name this process as their owner: the lease is there before it begins. When it
   * succeeded the lease stays until `close`; when it failed, only as long as others need it.
   *
   * @throws IntegrityError DISK_FULL where no lease can be written.
   */
  async during<T>(action: () => Promise<T>): Promise<T> {
    let letGo: (() => Promise<void>) | undefined = await beatOf(this.#root, this.#timing).hold()
    try {
      const result = await action()
      if (this.#kept === undefined) [this.#kept, letGo] = [letGo, undefined]
      return result
    } finally {
      await letGo?.()
    }
  }

  /**
   * Whether the owner of a record still lives. On this host its process decides. On another its lease does: one
   * that looks expired is watched for two periods before it is called dead.
   */
  async stateOf(owner: Owner, signal?: AbortSignal): Promise<OwnerState> {
    const known = processState(owner)
    if (known !== 'unknown') return known
    const heartbeat = await hasStopped(leaseFile(this.#root, owner.id), this.#timing, signal)
    return heartbeat === 'stopped' ? 'dead' : 'alive'
  }

  /** The same without watching: what would be watched first is `silent`. */
  async glanceAt(owner: Owner): Promise<OwnerState | 'silent'> {
    const known = processState(owner)
    if (known !== 'unknown') return known
    return (await isFresh(leaseFile(this.#root, owner.id), this.#timing)) ? 'alive' : 'silent'
  }

  /**
   * Whether processes that this host cannot see may be at work on the root, which is told by leases that were renewed
   * lately. Without watching, and so on the side of `others`.
   */
  async othersAtWork(): Promise<'nobody' | 'others'> {
    const folder = ownersDir(this.#root)
    const leases = (await namesIn(folder)).filter((name) => name.endsWith('.json'))
    const isOthers = await Promise.all(leases.map((name) => this.#isOthers(join(folder, name))))
    return isOthers.includes(true) ? 'others' : 'nobody'
  }

  async #isOthers(lease: string): Promise<boolean> {
    const owner = await readLease(lease)
    if (owner !== undefined && processState(owner) !== 'unknown') return false
    return isFresh(lease, this.#timing)
  }

  /** Lets the lease go, unless other managers of this process need it. */
  async close(): Promise<void> {
    const letGo = this.#kept
    this.#kept = undefined
    await letGo?.()
  }
}

export function leaseFile(root: string, ownerId: string): string {
  return join(ownersDir(root), `${ownerId}.json`)
}

/** The owner that a lease names; undefined where it cannot be read, or is gone. */
export async function readLease(file: string): Promise<Owner | undefined> {
  try {
    return parseOwner(await readJsonIfPresent(file))
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    return undefined
  }
}

const beats = new Map<string, SharedBeat>()

function beatOf(root: string, timing: WatchTiming): SharedBeat {
  const beat = beats.get(root) ?? new SharedBeat(root, timing)
  beats.set(root, beat)
  return beat
}

/** The one heartbeat of this process on a root. */
class SharedBeat {
  readonly #root: string
  readonly #timing: WatchTiming
  #holders = 0
  #file: HeartbeatFile | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(root: string, timing: WatchTiming) {
    this.#root = root
    this.#timing = timing
  }

  async hold(): Promise<() => Promise<void>> {
    await this.#inTurn(async () => {
      this.#file ??= await this.#begin()
      this.#holders += 1
    })
    return () =>
      this.#inTurn(async () => {
        this.#holders -= 1
        if (this.#holders > 0) return
        await this.#file?.end()
        this.#file = undefined
      })
  }

  #begin(): Promise<HeartbeatFile> {
    const owner = currentOwner()
    return HeartbeatFile.begin({
      root: managedReposDir(this.#root),
      path: leaseFile(this.#root, owner.id),
      content: owner,
      periodMs: this.#timing.periodMs,
    })
  }

  /** A failed turn is its caller's to know, and keeps nobody from having the next. */
  #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(action)
    this.#turn = Promise.allSettled([turn])
    return turn
  }
}
