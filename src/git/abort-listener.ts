import { setMaxListeners } from 'node:events'

/**
 * Calls back once when a signal is aborted; the function given back takes the listener off again.
 *
 * A caller may well use one signal for a hundred tasks: Node's warning about more than ten listeners is meant
 * for leaks, and here each listener goes with its process.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}
