import { withPatientLock } from '../fs/lock-heartbeat.js'
import type { MirrorContext } from './mirror-context.js'

/** A fetch is waited for as long as whoever makes it gives signs of life; its git has deadlines of its own. */
const SILENCE_MS = 30_000

/** Runs what talks to the remote as the only one in the environment; its signal also says that the lock was lost. */
export function withFetchLock<T>(
  context: MirrorContext,
  action: (context: MirrorContext) => Promise<T>,
): Promise<T> {
  const options = {
    timeoutMs: context.silenceMs ?? SILENCE_MS,
    signal: context.signal,
    purpose: 'fetch',
  }
  return withPatientLock(context.fetchLock, options, (lost) => {
    const signal = context.signal ? AbortSignal.any([context.signal, lost]) : lost
    return action({ ...context, signal })
  })
}
