import type { OnUnsavedWork } from './options.js'
import type { Outcome } from './session-record.js'
import type { WorkspaceKey } from './workspace-key.js'

export type RefreshMode = 'fast-forward' | 'rebase' | 'reset'

export interface RefreshOptions {
  /**
   * `fast-forward` (default) moves only forward; `rebase` replays the task's own commits on the new base;
   * `reset` moves the branch to the new base, and refuses while commits or changes would be lost.
   */
  readonly mode?: RefreshMode | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a refresh did. */
export interface RefreshReport {
  readonly action: 'updated' | 'up-to-date'
  readonly mode: RefreshMode
  readonly before: string
  readonly after: string
  /** The ref it was brought up to. */
  readonly ref: string
  /** Whether the remote could not be asked, so that the mirror's last state was used. */
  readonly stale: boolean
}

export interface CleanupOptions {
  /** Recorded before the policy is asked, as if `finish` had been called first. */
  readonly outcome?: Outcome | undefined
  readonly onUnsavedWork?: OnUnsavedWork | undefined
  /** `artifacts` removes the checkout and keeps `output/` and `logs/`. */
  readonly keep?: 'nothing' | 'artifacts' | undefined
  readonly keepFailed?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface CleanupReport {
  readonly key: WorkspaceKey
  readonly action: 'removed' | 'kept' | 'absent'
  /** Why, in words a person understands. */
  readonly reason: string
  /** What the removal freed, in bytes of disk blocks. */
  readonly freedBytes?: number | undefined
  readonly branch?: { readonly name: string; readonly deleted: boolean; readonly why: string } | undefined
  readonly durationMs: number
}

/** Work that exists nowhere but in one workspace. */
export interface UnsavedWork {
  /** Commits that the remote, as last seen, does not have; the newest first, at most 20. */
  readonly commits: readonly string[]
  /** Changed, deleted and untracked files, as paths in the checkout; at most 100. */
  readonly changedFiles: readonly string[]
  readonly stashes: number
  /** Tags of a clone that the remote, as last seen, does not have like this. */
  readonly tags: readonly string[]
  /** What could not be looked into; unknown counts as unsaved. */
  readonly unknown: readonly string[]
}
