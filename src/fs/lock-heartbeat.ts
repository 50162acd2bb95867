import { hasErrorCode } from '../errors/workspace-error.js'
import { modifiedAt, readLock } from './lock-holder.js'
import { type LockOptions, withFileLock } from './locks.js'

/** When the holder of a lock last gave a sign of life, by the file server's clock; undefined where nobody holds it. */
async function lastBeat(path: string): Promise<number | undefined> {
  const view = await readLock(path)
  return view.state === 'held' ? modifiedAt(view.file) : undefined
}

/**
 * `withFileLock` for what may take long: waits for as long as the holder gives signs of life. `timeoutMs` is how long
 * it may be silent, and should be some periods of the heartbeat.
 *
 * @throws ContentionError LOCK_TIMEOUT naming a holder that was stopped, or whose machine was, or what else is in the
 * way where nobody holds the lock.
 */
export async function withPatientLock<T>(
  path: string,
  options: LockOptions,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (;;) {
    const before = await lastBeat(path)
    let hasBegun = false
    try {
      return await withFileLock(path, options, (signal) => {
        hasBegun = true
        return action(signal)
      })
    } catch (error) {
      // Also where nobody has held it: what is in its way then gives no signs of life either.
      const isSilent = (await lastBeat(path)) === before
      if (hasBegun || isSilent || !hasErrorCode(error, 'LOCK_TIMEOUT') || !error.retryable) throw error
    }
  }
}
