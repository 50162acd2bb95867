import { throwIfStopped } from '../errors/stop-reason.js'

/** Each may hold some twenty files open, and a process may have 1024 in all. */
const AT_ONCE = 16

/**
 * Like `Promise.all` over as many as there are, a few at a time: whoever writes the names decides how many they are.
 *
 * @throws the reason of the signal between two turns.
 */
export async function fewAtATime<T, R>(
  values: readonly T[],
  action: (value: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const done: R[] = []
  for (let at = 0; at < values.length; at += AT_ONCE) {
    throwIfStopped(signal)
    for (const one of await Promise.all(values.slice(at, at + AT_ONCE).map(action))) done.push(one)
  }
  return done
}
