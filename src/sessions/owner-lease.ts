import { join } from 'node:path'
import { HeartbeatFile } from '../fs/heartbeat-file.js'
import { hasStopped, LEASE_TIMING, type WatchTiming } from '../fs/heartbeat-watch.js'
import { managedReposDir, ownersDir } from '../model/layout.js'
import type { Owner } from '../model/session-record.js'
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
