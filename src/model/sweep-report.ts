import type { RetentionPolicy } from './options.js'
import type { WorkspaceKey } from './workspace-key.js'

/**
 * What is kept how long is the manager's policy but for what is said here.
 *
 * @see {@link Manager.sweep}
 */
export interface SweepOptions extends RetentionPolicy {
  /** One environment only; default: all. */
  readonly envId?: string | undefined
  /** Plan, and do nothing: the report says what a sweep would do. */
  readonly dryRun?: boolean | undefined
  /** The time that ages are told by; default: the present, by whichever clock is behind. */
  readonly now?: Date | undefined
  /** Ends the call, which then rejects with ABORTED and leaves nothing half done. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What a sweep finds.
 *
 * @see {@link Manager.sweep}
 */
export type SweepKind =
  | 'workspace'
  | 'reservation'
  | 'orphan-directory'
  | 'orphan-registration'
  | 'archive'
  | 'trash'
  | 'temporary'

/**
 * What a sweep does about one thing that it found.
 *
 * @see {@link Manager.sweep}
 */
export interface SweepDecision {
  /** What was found. */
  readonly kind: SweepKind
  /** Where it is. */
  readonly path?: string | undefined
  /** Whose it is, where that is known. */
  readonly key?: WorkspaceKey | undefined
  /** What was decided. */
  readonly action: 'remove' | 'keep'
  /** Why, in words a person understands. */
  readonly reason: string
  /** Set where something is amiss that a sweep may not decide about: a person should look. */
  readonly attention?: 'needed' | undefined
  /** What its removal freed, in bytes of disk blocks. */
  readonly bytes?: number | undefined
  /** What the archive of its work takes, in bytes of disk blocks: its removal made so much less room. */
  readonly archivedBytes?: number | undefined
  /** Why a removal did not succeed; the sweep went on with the others. */
  readonly error?: string | undefined
}

/**
 * What a sweep did, or with `dryRun` would do.
 *
 * @see {@link Manager.sweep}
 */
export interface SweepReport {
  /** One for each thing that was found. */
  readonly decisions: readonly SweepDecision[]
  /** How many things went. */
  readonly removed: number
  /** How many stayed. */
  readonly kept: number
  /** Removals that did not succeed. */
  readonly failed: number
  /** Disk blocks of what went, in bytes. */
  readonly freedBytes: number
  /**
   * Disk blocks of the archives that were made before, in bytes; what is left of `freedBytes` is the room that was
   * made.
   */
  readonly archivedBytes: number
}
