import { throwIfStopped } from '../../errors/stop-reason.js'
import { systemErrorCode } from '../../errors/system-error.js'
import { isWorkspaceError } from '../../errors/workspace-error.js'

/** What was read, or why it could not be. */
export type Looked<T> = { readonly found: T } | { readonly problem: string }

/** Runs what may fail without stopping the rest of a sweep. */
export async function orProblem<T>(
  signal: AbortSignal | undefined,
  look: () => Promise<T>,
): Promise<Looked<T>> {
  throwIfStopped(signal)
  try {
    return { found: await look() }
  } catch (error) {
    return { problem: problemOf(error, signal) }
  }
}

/**
 * What a decision says about a failure that stops nothing else; a mistake of ours is no reason to leave the others
 * alone. Rethrows the end of the sweep.
 */
function problemOf(error: unknown, signal: AbortSignal | undefined): string {
  if (isWorkspaceError(error)) {
    if (signal?.aborted) throw error
    return `${error.message} (${error.code})`
  }
  throwIfStopped(signal)
  return unexpectedOrSystem(error)
}

/** A failure that is no error of this package, in words: the system's own, or what nobody expected. */
export function unexpectedOrSystem(error: unknown): string {
  if (!(error instanceof Error)) return `unexpected: ${String(error)}`
  return systemErrorCode(error) === undefined ? `unexpected: ${error.name}: ${error.message}` : error.message
}
