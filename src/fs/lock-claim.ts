import { randomUUID } from 'node:crypto'
import { rmdirSync, statSync, unlinkSync } from 'node:fs'
import { mkdir, open, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { atOnce } from './at-once.js'
import { asDiskFull } from './atomic-write.js'
import { removeIfEmpty } from './contained-path.js'
import type { LockRequest } from './lock-errors.js'
import { holderFileName, type LockHolder, modifiedAt, notADirectory } from './lock-holder.js'
import { makeDirectories } from './make-directories.js'
import { currentProcess } from './process-identity.js'
import { processTag } from './process-tag.js'

/**
 * One attempt at a lock: a directory `<lock>.<token>.<process>.claim` that holds the holder's file and becomes the
 * lock by being renamed to it.
 *
 * Renaming a directory succeeds only over nothing or over an empty directory, so a lock appears at once
 * with its holder's name in it. The token is in the file's name, so what is deleted is one acquisition's
 * own file or nothing: neither a release nor a takeover can hit anybody else's lock.
 */
export class LockClaim {
  readonly token = randomUUID()
  readonly request: LockRequest
  readonly #directory: string
  readonly #claimFile: string
  readonly #heldFile: string

  constructor(request: LockRequest) {
    this.request = request
    this.#directory = `${request.path}.${this.token}.${processTag()}.claim`
    this.#claimFile = join(this.#directory, holderFileName(this.token))
    this.#heldFile = join(request.path, holderFileName(this.token))
  }

  /** Makes the claim visible to other processes, with every parent folder that is missing. */
  async announce(): Promise<void> {
    try {
      await this.#makeDirectory()
      await writeFile(this.#claimFile, this.#describe(), { mode: 0o600 })
    } catch (error) {
      // Whoever deletes the parent folder, or tidies up, can be faster: the next poll makes it again.
      if (!isSystemError(error, 'ENOENT')) throw asDiskFull(error, this.request.path)
    }
  }

  /** The folder of the locks is there but for the first time. */
  async #makeDirectory(): Promise<void> {
    try {
      await mkdir(this.#directory, { mode: 0o700 })
    } catch (error) {
      if (isSystemError(error, 'EEXIST')) return
      if (!isSystemError(error, 'ENOENT')) throw error
      await makeDirectories(this.#directory, { mode: 0o700 })
    }
  }

  #describe(): string {
    const { token } = this
    const { purpose } = this.request
    const holder: LockHolder = { ...currentProcess(), token, purpose, since: new Date().toISOString() }
    return JSON.stringify(holder)
  }

  /** Turns the claim into the lock; false when somebody else holds it. */
  async publish(): Promise<boolean> {
    await this.announce()
    if (await this.#putInPlace()) return true
    // Not every file system lets a rename replace an empty directory.
    return (await removeIfEmpty(this.request.path)) && (await this.#putInPlace())
  }

  async #putInPlace(): Promise<boolean> {
    try {
      await rename(this.#directory, this.request.path)
      return true
    } catch (error) {
      if (isSystemError(error, 'ENOTDIR')) throw notADirectory(this.request.path, error)
      // On a network volume a rename that is sent twice succeeds and says ENOENT.
      if (isSystemError(error, 'ENOENT')) return (await modifiedAt(this.#heldFile)) !== undefined
      if (isSystemError(error, 'EEXIST', 'ENOTEMPTY') || isBusyOnWindows(error)) return false
      throw error
    }
  }

  /** Rejects with ENOENT when the lock is no longer ours. */
  async check(): Promise<void> {
    if (atOnce(() => statSync(this.#heldFile)) === 'not now') await stat(this.#heldFile)
  }

  /** The file server's clock, from writing the claim anew; undefined when that was not possible just now. */
  async serverTime(): Promise<number | undefined> {
    await this.announce()
    return modifiedAt(this.#claimFile)
  }

  /**
   * The heartbeat: moves the modification time by the file server's own clock. Rejects with ENOENT when the lock is
   * lost.
   */
  async renew(): Promise<void> {
    const file = await open(this.#heldFile, 'r+')
    try {
      await file.write('{', 0)
    } finally {
      await file.close()
    }
  }

  /** Gives the lock back; false when it was no longer ours. */
  async retract(): Promise<boolean> {
    if (!(await unlinkIfPresent(this.#heldFile))) return false
    await removeIfEmpty(this.request.path)
    return true
  }

  /** The same for a process that is exiting. */
  retractSync(): void {
    unlinkSync(this.#heldFile)
    rmdirSync(this.request.path)
  }

  /** Removes what an attempt that did not become the lock left behind. */
  async withdraw(): Promise<void> {
    await unlinkIfPresent(this.#claimFile)
    await removeIfEmpty(this.#directory)
  }
}

// Needs no file handle, so that a process which has run out of them still gives its locks back.
async function unlinkIfPresent(file: string): Promise<boolean> {
  try {
    await unlink(file)
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}

function isBusyOnWindows(error: unknown): boolean {
  return process.platform === 'win32' && isSystemError(error, 'EPERM', 'EACCES')
}
