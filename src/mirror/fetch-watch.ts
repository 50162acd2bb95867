import { setTimeout as delay } from 'node:timers/promises'
import { isSystemError } from '../errors/system-error.js'
import { GitError } from '../errors/workspace-error.js'
import { limitExceeded } from './limit-exceeded.js'
import type { MirrorContext } from './mirror-context.js'
import type { PackBytes } from './pack-bytes.js'

const POLL_MS = 50

/** What a fetch has to bring before its patience ends; slower remotes are no use to anybody. */
const SOME_BYTES = 64 * 1024

/** Signs of life that bring nothing keep a fetch going for so many times the idle time. */
export const PATIENCE = 3

/** As many branches and tags as a source may have, or a fetch add or change; each is a file, and its log another. */
export const MAX_REFS = 250_000

/** A line of git's own about one ref (git-fetch(1), OUTPUT). */
const REF_LINE = /^ [ +\-t*!=] \S/

/**
 * Watches a fetch from outside, since git knows no limit for what it fetches: `signal` is aborted when the packs, those
 * half received included, or the refs are too many, and when the remote talks on and on but sends next to nothing.
 */
export class FetchWatch {
  readonly #context: MirrorContext
  readonly #packs: PackBytes
  readonly #stop = new AbortController()
  readonly #ended = new AbortController()
  readonly #maxRefs: number
  /** Aborted with the error that the fetch has to end with, or as the caller's own signal is. */
  readonly signal: AbortSignal
  #refs = 0
  #bytes = 0
  /** When the fetch last came forward, and how much there was then. Absent: it has not said a word yet. */
  #mark: { at: number; readonly bytes: number } | undefined

  constructor(context: MirrorContext, packs: PackBytes, maxRefs = MAX_REFS) {
    this.#context = context
    this.#packs = packs
    this.#maxRefs = maxRefs
    const { signal } = context
    this.signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
  }

  /** Has to hear every line that git says. */
  readonly hear = (line: string): void => {
    this.#mark ??= { at: performance.now(), bytes: this.#bytes }
    // What the remote says of its own work begins with `remote: `.
    if (line.startsWith('Resolving deltas: ')) this.#mark.at = performance.now()
    if (!REF_LINE.test(line)) return
    this.#refs += 1
    if (this.#refs <= this.#maxRefs) return
    this.#stop.abort(
      limitExceeded({ limit: 'refs', max: this.#maxRefs, found: this.#refs, what: 'the source' }),
    )
  }

  /** Runs the fetch; when it is done, what it brought is measured once more. */
  async during(fetch: () => Promise<unknown>): Promise<void> {
    const watching = this.#watch()
    try {
      await fetch()
    } finally {
      this.#ended.abort()
      await watching
    }
    await this.#look()
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason
  }

  async #watch(): Promise<void> {
    while (!this.#ended.signal.aborted && !this.#stop.signal.aborted) {
      await this.#look().catch((error: unknown) => this.#getOver(error))
      this.#judgePace(performance.now())
      await delay(POLL_MS, undefined, { signal: this.#ended.signal }).catch(isEnded)
    }
  }

  /**
   * A file handle may be free the next time; what else keeps it from looking ends the fetch, which nobody watches
   * then.
   */
  #getOver(error: unknown): void {
    if (!isSystemError(error, 'EMFILE', 'ENFILE')) this.#stop.abort(error)
  }

  async #look(): Promise<void> {
    this.#bytes = await this.#packs.total()
    const { limits, besidesBytes = 0 } = this.#context
    const [max, found] = [limits?.maxRepositoryBytes, this.#bytes + besidesBytes]
    if (max !== undefined && found > max)
      this.#stop.abort(limitExceeded({ limit: 'maxRepositoryBytes', max, found, what: 'the mirror' }))
  }

  #judgePace(now: number): void {
    if (this.#mark === undefined) return
    const patienceMs = PATIENCE * this.#context.git.gitTimeoutMs
    if (this.#bytes - this.#mark.bytes >= SOME_BYTES) this.#mark = { at: now, bytes: this.#bytes }
    if (now - this.#mark.at > patienceMs) this.#stop.abort(tooSlow(patienceMs))
  }
}

function tooSlow(patienceMs: number): GitError {
  return new GitError('GIT_TIMEOUT', `git fetch brought less than ${SOME_BYTES} bytes in ${patienceMs} ms`, {
    data: { command: 'git fetch', patienceMs, bytes: SOME_BYTES },
  })
}

function isEnded(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError') return
  throw error
}
