import type { RetentionPolicy } from './options.js'
import type { WorkspaceKey } from './workspace-key.js'

/** What is kept how long is the manager's policy but for what is said here. */
export interface SweepOptions extends RetentionPolicy {
  /** One environment only; default: all. */
  readonly envId?: string | undefined
  /** Plan, and do nothing: the report says what a sweep would do. */
  readonly dryRun?: boolean | undefined
  /** The time that ages are told by; default: the present, by whichever clock is behind. */
  readonly now?: Date | undefined
  readonly signal?: AbortSignal | undefined
}

export type SweepKind =
  | 'workspace'
  | 'reservation'
  | 'orphan-directory'
  | 'orphan-registration'
  | 'archive'
  | 'trash'
  | 'temporary'

/** What a sweep does about one thing that it found. */
export interface SweepDecision {
  readonly kind: SweepKind
  readonly path?: string | undefined
  readonly key?: WorkspaceKey | undefined
  readonly action: 'remove' | 'keep'
  /** Why, in words a person understands. */
  readonly reason: string
  /** Set where something is amiss that a sweep may not decide about: a person should look. */
  readonly attention?: 'needed' | undefined
  /** What its removal freed, in bytes of disk blocks. */
  readonly bytes?: number | undefined
  /** Why a removal did not succeed; the sweep went on with the others. */
  readonly error?: string | undefined
}

export interface SweepReport {
  readonly decisions: readonly SweepDecision[]
  readonly removed: number
  readonly kept: number
  /** Removals that did not succeed. */
  readonly failed: number
  readonly freedBytes: number
}
