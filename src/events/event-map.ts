import type { Outcome, SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/** What every event carries. `at` is ISO 8601 UTC. */
export interface EventBase {
  readonly at: string
  readonly key: WorkspaceKey | { readonly envId: string }
  readonly taskRunId?: string | undefined
  readonly workflowRunId?: string | undefined
  readonly workDir?: string | undefined
  readonly branch?: string | undefined
}

/** Every event by name, with what it adds to `EventBase`. */
export interface EventFacts {
  /** The key, its path and its branch are claimed; nothing is made yet. */
  'session.reserved': { readonly strategy: string }
  /** The session no longer holds its key; `outcome` where it was finished. */
  'session.released': { readonly outcome?: Outcome | undefined }
  'workspace.preparing': { readonly strategy: string }
  'workspace.ready': { readonly strategy: string; readonly durationMs: number }
  'workspace.reused': { readonly strategy: string }
  'workspace.refreshed': { readonly before: string; readonly after: string; readonly mode: string }
  'workspace.restored': { readonly archiveId: string }
  /** A prepare failed and what it had made is gone again. */
  'workspace.rolledBack': { readonly code?: string | undefined; readonly message: string }
  'cleanup.started': { readonly outcome?: Outcome | undefined }
  'cleanup.archived': { readonly archiveId: string }
  'cleanup.completed': {
    readonly action: 'removed' | 'kept' | 'absent'
    readonly reason: string
    readonly freedBytes?: number | undefined
    readonly durationMs: number
  }
  /** What a cleanup removed is deleted, where it could not say itself how much that was. */
  'cleanup.freed': { readonly freedBytes: number }
  'cleanup.failed': { readonly code?: string | undefined; readonly message: string }
  'sweep.completed': {
    readonly removed: number
    readonly kept: number
    readonly failed: number
    readonly freedBytes: number
  }
  'mirror.created': { readonly source: string }
  'mirror.fetched': { readonly source: string }
  /** The remote could not be asked; the mirror is used as it is. */
  'mirror.stale': { readonly source: string; readonly code: string; readonly message: string }
  warning: { readonly code: string; readonly message: string }
}

export type EventName = keyof EventFacts

/** The event map: payload by name. */
export type WorkspaceEvents = { readonly [Name in EventName]: EventBase & EventFacts[Name] }

/** What an event says of a session. */
export function sessionFacts(record: SessionRecord): Omit<EventBase, 'at'> {
  const { envId, taskId, runId, taskRunId, workflowRunId, workDir, branch } = record
  const key = runId === undefined ? { envId, taskId } : { envId, taskId, runId }
  return { key, taskRunId, workflowRunId, workDir, branch }
}
