import type { ErrorCode } from '../errors/error-code.js'
import type { Outcome, SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/**
 * What every event carries.
 *
 * @see {@link Manager.on}
 */
export interface EventBase {
  /** When it happened, ISO 8601 UTC. */
  readonly at: string
  /** What it is about: one workspace, or a whole environment. */
  readonly key: WorkspaceKey | Pick<WorkspaceKey, 'envId'>
  /** As the request for the workspace said. */
  readonly taskRunId?: string | undefined
  /** As the request for the workspace said. */
  readonly workflowRunId?: string | undefined
  /** The checkout, where there is to be one. */
  readonly workDir?: string | undefined
  /** The task's branch, where it has one. */
  readonly branch?: string | undefined
}

/**
 * Every event by name, with what it adds to {@link EventBase}.
 *
 * @see {@link Manager.on}
 */
export interface EventFacts {
  /** The key, its path and its branch are claimed; nothing is made yet. */
  'session.reserved': {
    /** The strategy that is going to make the workspace. */
    readonly strategy: string
  }
  /** The session no longer holds its key. */
  'session.released': {
    /** How the task ended; absent where nobody said so. */
    readonly outcome?: Outcome | undefined
  }
  /** The workspace is being made. */
  'workspace.preparing': {
    /** The strategy that makes it. */
    readonly strategy: string
  }
  /** The workspace was made and can be worked in. */
  'workspace.ready': {
    /** The strategy that made it. */
    readonly strategy: string
    /** How long its making took, in milliseconds. */
    readonly durationMs: number
  }
  /** A prepare was answered with the workspace that the task has already. */
  'workspace.reused': {
    /** The strategy that made it. */
    readonly strategy: string
  }
  /** The workspace was brought up to date with the ref it was made from. */
  'workspace.refreshed': {
    /** The commit it was at. */
    readonly before: string
    /** The commit it is at. */
    readonly after: string
    /** How: `fast-forward`, `rebase` or `reset`; `completed` for one that was killed, whichever it was. */
    readonly mode: string
  }
  /** A workspace was made again from an archive. */
  'workspace.restored': {
    /** The archive, which stays. */
    readonly archiveId: string
  }
  /** A prepare failed and what it had made is gone again. */
  'workspace.rolledBack': {
    /** The error's code, where it has one. */
    readonly code?: ErrorCode | undefined
    /** What failed. */
    readonly message: string
  }
  /** A cleanup looks at the workspace. */
  'cleanup.started': {
    /** How the task ended; absent where nobody said so. */
    readonly outcome?: Outcome | undefined
  }
  /** Work that existed nowhere else is in an archive; nothing is removed yet. */
  'cleanup.archived': {
    /** The archive, for `restore`. */
    readonly archiveId: string
  }
  /** A cleanup is done, whatever it decided. */
  'cleanup.completed': {
    /** What became of the workspace. */
    readonly action: 'removed' | 'kept' | 'absent'
    /** Why, in words a person understands. */
    readonly reason: string
    /** Disk blocks of what was removed, in bytes; absent where nothing was, or where `cleanup.freed` tells it. */
    readonly freedBytes?: number | undefined
    /** How long it took, in milliseconds. */
    readonly durationMs: number
  }
  /** What a cleanup removed is deleted, where it could not say itself how much that was. */
  'cleanup.freed': {
    /** Disk blocks, in bytes. */
    readonly freedBytes: number
  }
  /** A cleanup failed; the workspace is as it was, or its removal is gone on with by the next cleanup or sweep. */
  'cleanup.failed': {
    /** The error's code, where it has one. */
    readonly code?: ErrorCode | undefined
    /** What failed. */
    readonly message: string
  }
  /** A sweep is done with one environment. */
  'sweep.completed': {
    /** How many things it removed. */
    readonly removed: number
    /** How many it found and left. */
    readonly kept: number
    /** How many it could not remove. */
    readonly failed: number
    /** Disk blocks of what was removed, in bytes. */
    readonly freedBytes: number
    /** Disk blocks of the archives that were made before, in bytes. */
    readonly archivedBytes: number
  }
  /** The environment has a mirror of its source now. */
  'mirror.created': {
    /** The source, without secrets. */
    readonly source: string
  }
  /** The mirror was brought up to date with the remote. */
  'mirror.fetched': {
    /** The source, without secrets. */
    readonly source: string
  }
  /** The remote could not be asked; the mirror is used as it is. */
  'mirror.stale': {
    /** The source, without secrets. */
    readonly source: string
    /** The code of what the fetch failed with. */
    readonly code: ErrorCode
    /** Why it failed. */
    readonly message: string
  }
  /** Something a person should know, and that stands in nobody's way. */
  warning: {
    /** What it is about: the code of an error that was got over, or one that only warnings have. */
    readonly code: ErrorCode | WarningCode
    /** The fact, in words a person understands. */
    readonly message: string
  }
}

/**
 * What only a `warning` is about, and no error.
 *
 * @see {@link Manager.once}
 */
export type WarningCode =
  /** Something was deliberately not done in the checkout: submodules left alone, LFS files left as pointers. */
  | 'CHECKOUT_NOTICE'
  /** The clock of this machine or of a file server stands before a time that was written earlier; ages are unsure. */
  | 'CLOCK_JUMPED'
  /** The globs of a cleanup's `includeIgnored` name none of the ignored files that there are; they go with the workspace. */
  | 'NOTHING_INCLUDED'
  /** A ref of an archive could not come back under its name, or HEAD not on its branch; the message says where it is. */
  | 'RESTORED_ELSEWHERE'
  /** A workspace that a task has already was handed out, and another base or agent was asked for. */
  | 'REUSED_AS_IT_IS'
  /** A workspace is removed while processes work in it; what they write from here on is lost. */
  | 'WORKSPACE_IN_USE'

/**
 * The name of an event.
 *
 * @see {@link Manager.on}
 */
export type EventName = keyof EventFacts

/**
 * The event map: payload by name.
 *
 * @example
 * const noticed: WorkspaceEvents['warning'][] = []
 * manager.on('warning', (event) => noticed.push(event))
 */
export type WorkspaceEvents = { readonly [Name in EventName]: EventBase & EventFacts[Name] }

/** What an event says of a session. */
export function sessionFacts(record: SessionRecord): Omit<EventBase, 'at'> {
  const { envId, taskId, runId, taskRunId, workflowRunId, workDir, branch } = record
  const key = runId === undefined ? { envId, taskId } : { envId, taskId, runId }
  return { key, taskRunId, workflowRunId, workDir, branch }
}
