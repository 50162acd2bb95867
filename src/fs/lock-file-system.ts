import { callbackify } from 'node:util'
import { isSystemError } from '../errors/system-error.js'
import type { WorkspaceError } from '../errors/workspace-error.js'
import type { LockClaim } from './lock-claim.js'
import { lockLost } from './lock-errors.js'

/**
 * The file system that proper-lockfile is given for one claim. It makes every step conditional on the
 * claim's own token: to appear whole, to beat only while ours, to remove only ours.
 */
export class LockFileSystem {
  readonly #claim: LockClaim
  #renewedAt: Date | undefined
  #loss: WorkspaceError | undefined
  #retracting = false
  /** How many answers of the probe are still to be given. */
  #probing = 0

  constructor(claim: LockClaim) {
    this.#claim = claim
  }

  /** Why the lock was found to be no longer ours, if it was. */
  get loss(): WorkspaceError | undefined {
    return this.#loss
  }

  /** Looks whether the lock is still ours. @throws the loss where it is not. */
  async check(): Promise<void> {
    if (this.#loss) throw this.#loss
    try {
      await this.#claim.check()
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
      this.#loss = await this.#lossBy(error)
      throw this.#loss
    }
  }

  readonly mkdir = callbackify(async (_path: string) => {
    if (!(await this.#claim.publish())) throw Object.assign(new Error('the lock is held'), { code: 'EEXIST' })
    this.#renewedAt = new Date()
    // Next it sets a time and reads it, to learn how precise times are. The lock has appeared just now.
    this.#probing = 2
  })

  // The modification time is answered from memory: that the file with our token is there proves more than
  // a time, which a jump of the clock or a stranger's touch can change.
  readonly stat = callbackify(async (_path: string) => {
    if (this.#renewedAt && !this.#isProbe()) await this.#orLoss(this.#claim.check())
    return { mtime: this.#renewedAt ?? new Date() }
  })

  readonly utimes = callbackify(async (_path: string, _accessed: Date, modified: Date) => {
    if (!this.#isProbe()) await this.#orLoss(this.#claim.renew())
    this.#renewedAt = modified
  })

  readonly rmdir = callbackify(async (_path: string) => {
    await this.retract()
  })

  readonly rmdirSync = (): void => this.#claim.retractSync()

  #isProbe(): boolean {
    if (this.#probing === 0) return false
    this.#probing -= 1
    return true
  }

  /** Gives the lock back if it is still ours; notes it when it is not. */
  async retract(): Promise<void> {
    if (this.#renewedAt === undefined || this.#retracting) return
    this.#retracting = true
    if (!(await this.#claim.retract())) this.#loss ??= await this.#lossBy()
  }

  async #orLoss(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      // A heartbeat under way during the release misses what the release itself took away.
      if (!this.#retracting) await this.#noteLoss(error)
      throw error
    }
  }

  async #noteLoss(error: unknown): Promise<void> {
    const loss = await this.#lossBy(error)
    if (!this.#retracting) this.#loss = loss
  }

  /** By the clock that goes on while a machine is suspended. */
  #lossBy(error?: unknown): Promise<WorkspaceError> {
    const beatAt = this.#renewedAt?.getTime() ?? Date.now()
    return lockLost(this.#claim.request, Date.now() - beatAt, error)
  }
}
