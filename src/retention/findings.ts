import type { SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/** One thing that a look through an environment found, as facts; what to do about it is decided elsewhere. */
export type Finding =
  | SessionFinding
  | UnreadableFinding
  | OrphanDirectory
  | OrphanRegistration
  | ArchiveFinding
  | TrashFinding
  | LeftoverFinding

export interface SessionFinding {
  readonly kind: 'session'
  readonly record: SessionRecord
  readonly owner: 'self' | 'alive' | 'dead'
  readonly checkout: 'present' | 'absent'
  /** `nobody` where it is certain that no verb is, so that what is half done was left so. */
  readonly atWork?: 'nobody' | undefined
  /** Looked for only where the record is old enough for it to matter. */
  readonly activity?: Activity | undefined
  /** Why it could not be looked into; nothing of it is decided then. */
  readonly problem?: string | undefined
  /** What removing it would free; looked for only where the size matters. */
  readonly bytes?: number | undefined
}

/** Whether anything was changed after the time that makes something old. */
export type Activity =
  | { readonly kind: 'none' }
  | { readonly kind: 'newer'; readonly path: string }
  /** Something cannot be read. */
  | { readonly kind: 'unknown'; readonly problem: string }

/** A record that cannot be read. */
export interface UnreadableFinding {
  readonly kind: 'unreadable record'
  readonly path: string
  /** Where the record's name still tells it. */
  readonly key: WorkspaceKey | undefined
  readonly cause: 'corrupt' | 'newer format' | 'other root'
  /** Default: a session. */
  readonly of?: 'session' | 'environment' | 'archive' | undefined
}

/** A task's folder that no record knows. */
export interface OrphanDirectory {
  readonly kind: 'orphan directory'
  readonly path: string
  readonly key: WorkspaceKey
  /** `artifacts`: what a cleanup kept. `remains`: no checkout in its place, and more than that; it may be among it. */
  readonly content: 'checkout' | 'artifacts' | 'remains'
  readonly activity: Activity
  /** What the checkout can be taken for; undefined where that cannot be told for certain. */
  readonly nature?: CheckoutNature | undefined
}

/** What a checkout without a record must have been. */
export interface CheckoutNature {
  readonly strategy: 'clone' | 'worktree' | 'directory'
  readonly gitDir?: string | undefined
  readonly registration?: string | undefined
  /** Only where it is a branch of the mirror's: those are ours. */
  readonly branch?: string | undefined
}

/** A worktree below the environment's tasks that is registered in a repository, and that no record knows. */
export interface OrphanRegistration {
  readonly kind: 'orphan registration'
  readonly path: string
  readonly workDir: string
  /** Undefined where the folder's name is that of no task. */
  readonly key: WorkspaceKey | undefined
  readonly checkout: 'present' | 'absent'
  readonly activity: Activity
  readonly nature: CheckoutNature
}

/** Work that was kept when its workspace was removed. */
export interface ArchiveFinding {
  readonly kind: 'archive'
  readonly path: string
  readonly key: WorkspaceKey
  readonly archiveId: string
  readonly createdAt: string
  readonly bytes?: number | undefined
}

/** What an earlier removal moved aside and did not delete. */
export interface TrashFinding {
  readonly kind: 'trash'
  readonly path: string
  readonly key: WorkspaceKey | undefined
  /** What nobody of ours can have put there: this very thing, or something in it. */
  readonly stranger?: string | undefined
  /** Set where it belongs to a session whose record cannot be read. */
  readonly record?: 'unreadable' | undefined
}

/** Something short-lived that is still there. */
export interface LeftoverFinding {
  readonly kind: 'leftover'
  readonly path: string
  readonly what: LeftoverKind
  /** Where it is in the folder of one environment, and that matters. */
  readonly envId?: string | undefined
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
  | 'archive that was never completed'
