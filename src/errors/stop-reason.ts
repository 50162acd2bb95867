import { isWorkspaceError, StoppedError, type WorkspaceError } from './workspace-error.js'

/** The error that an aborted call rejects with; a reason that is already ours is kept. */
export function stopReason(signal: AbortSignal): WorkspaceError {
  if (isWorkspaceError(signal.reason)) return signal.reason
  return new StoppedError('ABORTED', 'the operation was aborted', { cause: signal.reason })
}

/** Rejects at a safe point between two steps when the caller no longer wants the result. */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw stopReason(signal)
}
