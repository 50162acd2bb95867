import { setImmediate as nextTurn } from 'node:timers/promises'

/** So many look-ups are done without a pause, which is about a millisecond. */
const AT_ONCE = 250

/**
 * Values in portions, with a turn of the event loop between two: for look-ups that are not asynchronous, since each
 * takes microseconds, and a turn through the thread pool ten times that.
 */
export async function* inTurns<T>(values: readonly T[], size = AT_ONCE): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < values.length; at += size) {
    if (at > 0) await nextTurn()
    yield values.slice(at, at + size)
  }
}
