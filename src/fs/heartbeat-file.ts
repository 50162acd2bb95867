import { constants, rmSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSystemError, systemErrorCode } from '../errors/system-error.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { writeJsonAtomic } from './atomic-write.js'
import { assertNoLinkInside, ensureDirectoryInside, removeIfEmpty } from './contained-path.js'

export interface HeartbeatOptions {
  /** The folder below which the file's folders are made, and removed again when they are empty. */
  readonly root: string
  readonly path: string
  /** What the file says, as JSON. */
  readonly content: object
  readonly periodMs: number
}

/** A vanishing folder is made again so often: others remove it when it is empty. */
const MAX_ATTEMPTS = 10

const living = new Set<HeartbeatFile>()

/**
 * A file whose modification time, by the file server's clock, tells that this process lives. The timer keeps no
 * process running.
 */
export class HeartbeatFile {
  readonly #options: HeartbeatOptions
  readonly #timer: NodeJS.Timeout
  #beating = Promise.resolve()

  private constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#beatSafely(), options.periodMs).unref()
  }

  /** Resolves when the file is there. @throws IntegrityError DISK_FULL */
  static async begin(options: HeartbeatOptions): Promise<HeartbeatFile> {
    await write(options)
    const file = new HeartbeatFile(options)
    if (living.size === 0) process.once('exit', removeAll)
    living.add(file)
    return file
  }

  get path(): string {
    return this.#options.path
  }

  /** Removes the file, and the folders that are empty without it. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    living.delete(this)
    if (living.size === 0) process.off('exit', removeAll)
    await this.#beating
    if (!(await this.#isInPlace())) return
    await rm(this.#options.path, { force: true })
    for (let folder = dirname(this.#options.path); folder !== this.#options.root; folder = dirname(folder)) {
      if (!(await removeIfEmpty(folder))) return
    }
  }

  /** What a link leads to that stands in a folder's place by now is not ours. */
  async #isInPlace(): Promise<boolean> {
    try {
      await assertNoLinkInside(this.#options.root, dirname(this.#options.path))
      return true
    } catch (error) {
      if (!hasErrorCode(error, 'TAMPERED')) throw error
      return false
    }
  }

  #beatSafely(): void {
    this.#beating = this.#beat().catch((error: unknown) => {
      // With the folder of all environments every record is gone that could name this owner.
      if (isSystemError(error, 'ENOENT')) return
      // One missed beat is no death; whoever watches waits for many of them.
      const code = systemErrorCode(error) ?? 'a failure'
      process.emitWarning(`git-task-isolation: the owner's lease could not be renewed (${code})`)
    })
  }

  async #beat(): Promise<void> {
    const { root, path } = this.#options
    try {
      // Written to without being made anew: no link may lead that elsewhere.
      await assertNoLinkInside(root, dirname(path))
      const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW)
      await file.write('{', 0).finally(() => file.close())
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error
      await write(this.#options)
    }
  }
}

/** For a process that ends without having closed its managers. */
function removeAll(): void {
  for (const { path } of living) rmSync(path, { force: true })
}

async function write({ root, path, content }: HeartbeatOptions): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await ensureDirectoryInside(root, dirname(path))
    try {
      return await writeJsonAtomic(path, content)
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isSystemError(error, 'ENOENT')) throw error
    }
  }
}
