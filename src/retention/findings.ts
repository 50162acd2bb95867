import type { SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/** One thing that a look through an environment found, as facts; what to do about it is decided elsewhere. */
export type Finding =
  | SessionFinding
  | UnreadableFinding
  | OrphanDirectory
  | OrphanRegistration
  | TrashFinding
  | LeftoverFinding

export interface SessionFinding {
  readonly kind: 'session'
  readonly record: SessionRecord
  readonly owner: 'self' | 'alive' | 'dead'
  readonly checkout: 'present' | 'absent'
}

/** A record that cannot be read. */
export interface UnreadableFinding {
  readonly kind: 'unreadable record'
  readonly path: string
  /** Where the record's name still tells it. */
  readonly key: WorkspaceKey | undefined
  readonly cause: 'corrupt' | 'newer format'
}

/** A task's folder that no record knows. */
export interface OrphanDirectory {
  readonly kind: 'orphan directory'
  readonly path: string
  readonly content: 'checkout' | 'artifacts'
}

/** A worktree below the environment's tasks that is registered in a repository, and that no record knows. */
export interface OrphanRegistration {
  readonly kind: 'orphan registration'
  readonly path: string
  readonly workDir: string
  readonly checkout: 'present' | 'absent'
}

/** What an earlier removal moved aside and did not delete. */
export interface TrashFinding {
  readonly kind: 'trash'
  readonly path: string
  readonly key: WorkspaceKey | undefined
  /** Set where it belongs to a session whose record cannot be read. */
  readonly record?: 'unreadable' | undefined
}

/** Something short-lived that is still there. */
export interface LeftoverFinding {
  readonly kind: 'leftover'
  readonly path: string
  readonly what: LeftoverKind
  /** The session whose lock says that nobody is at work on it. */
  readonly key?: WorkspaceKey | undefined
  readonly maker: 'dead' | 'unknown'
  /** Set where it belongs to a session whose record cannot be read. */
  readonly record?: 'unreadable' | undefined
}

export type LeftoverKind =
  | 'temporary file'
  | 'index without a session'
  | 'registration in the making'
  | "temporary file of git's"
  | 'lock'
  | 'lease'
