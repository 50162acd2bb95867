import { GitError } from '../errors/workspace-error.js'
import type { Limits } from '../model/limits.js'

/** What was found to be more than a limit allows; reading stops there, so that it may be more still. */
interface Excess {
  readonly limit: keyof Limits | 'refs'
  readonly max: number
  readonly found: number
  /** What was measured: 'the mirror', 'the checkout', … */
  readonly what: string
}

export function limitExceeded({ limit, max, found, what }: Excess): GitError {
  return new GitError('LIMIT_EXCEEDED', `${what} is over the limit ${limit}: ${found} of ${max}`, {
    data: { limit, max, found, what },
    ...(limit === 'refs' && { hint: 'No option raises it: the source needs fewer branches and tags.' }),
  })
}
