import { type FSWatcher, watch } from 'node:fs'
import { systemErrorCode } from '../errors/system-error.js'

/** How long a change may stay unseen where the system does not tell of it, as on a volume shared by several hosts. */
const LOOK_AGAIN_MS = 500

/** Tells when it is worth looking into a folder again, which need not exist yet. To be closed. */
export class FolderChanges {
  readonly #directory: string
  #watcher: FSWatcher | undefined
  #changed = false
  #wake = (): void => undefined

  constructor(directory: string) {
    this.#directory = directory
    this.#watch()
  }

  /**
   * Resolves when something may have changed since the last call, after half a second at the latest, and when the signal
   * is aborted.
   */
  async next(signal: AbortSignal): Promise<void> {
    this.#watch()
    if (!this.#changed && !signal.aborted) await this.#change(signal)
    this.#changed = false
  }

  close(): void {
    this.#watcher?.close()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), LOOK_AGAIN_MS)
      this.#wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', this.#wake)
        resolve()
      }
      signal.addEventListener('abort', this.#wake, { once: true })
    })
  }

  /** Without a watcher, of which a system has only so many, the timer alone does it. */
  #watch(): void {
    if (this.#watcher !== undefined) return
    try {
      this.#watcher = watch(this.#directory, () => this.#hear())
      this.#watcher.on('error', () => this.#hear())
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error
    }
  }

  #hear(): void {
    this.#changed = true
    this.#wake()
  }
}
