import { createHash } from 'node:crypto'
import { GitError, hasErrorCode, type WorkspaceError } from '../errors/workspace-error.js'
import type { SourceAccess } from './source-access.js'

/** Whom a fetch is for, and since when. */
interface Asking {
  readonly mirrorDir: string
  readonly access: SourceAccess
  readonly now: () => Date
}

interface Failure {
  readonly beganAt: Date
  /** A digest of how the source was reached, which says nothing of the credentials. */
  readonly way: string
  readonly error: Unreached
}

type Unreached = WorkspaceError & { readonly code: 'GIT_NETWORK' | 'GIT_AUTH' | 'GIT_TIMEOUT' }

/**
 * What the remotes of one manager's mirrors did not answer. As those who ask together share a fetch that succeeds, they
 * share one that fails: else each would wait in its turn for a remote that is down.
 */
export class FetchFailures {
  readonly #last = new Map<string, Failure>()

  /**
   * Fetches, unless a fetch by the same way, which began after the caller asked, could not reach the remote or was not
   * let in. The caller holds the fetch lock.
   *
   * @throws GitError GIT_NETWORK, GIT_AUTH or GIT_TIMEOUT of that fetch; else as `fetch` does.
   */
  async share<T>(asking: Asking, askedAt: Date, fetch: () => Promise<T>): Promise<T> {
    const way = wayOf(asking.access)
    const beganAt = asking.now()
    const last = this.#last.get(asking.mirrorDir)
    if (last?.way === way && last.beganAt >= askedAt && last.beganAt <= beganAt) throw again(last.error)
    this.#last.delete(asking.mirrorDir)
    try {
      return await fetch()
    } catch (error) {
      if (hasErrorCode(error, 'GIT_NETWORK', 'GIT_AUTH', 'GIT_TIMEOUT'))
        this.#last.set(asking.mirrorDir, { beganAt, way, error })
      throw error
    }
  }
}

function wayOf(access: SourceAccess): string {
  return createHash('sha256').update(JSON.stringify(access)).digest('hex')
}

/** Everybody has an error of their own, whose stack says who asked. */
function again(cause: Unreached): GitError {
  const { code, message, data, hint, retryable } = cause
  return new GitError(code, message, { data, hint, retryable, cause })
}
