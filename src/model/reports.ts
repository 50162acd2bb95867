import type { ErrorCode } from '../errors/error-code.js'
import type { ArchiveRecord } from './archive-record.js'
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
  /**
   * Files that the repository's own rules ignore are archived too: all of them, or those that a glob names. Without it
   * they go with the workspace.
   */
  readonly includeIgnored?: true | readonly string[] | undefined
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
  /** Where the work is that existed nowhere else; absent where there was none. */
  readonly archive?: ArchiveRecord | undefined
  /**
   * The disk blocks of what was removed, in bytes. They come free while it is deleted in the background; what cannot be
   * deleted is told by a `warning`, and stays in the trash.
   */
  readonly freedBytes?: number | undefined
  readonly branch?: { readonly name: string; readonly deleted: boolean; readonly why: string } | undefined
  /** Of `cleanupAll`: what the cleanup of this one was refused with. */
  readonly error?: ErrorCode | undefined
  readonly durationMs: number
}

/** Work that exists nowhere but in one workspace. Lists are cut short; `counts` are not. */
export interface UnsavedWork {
  /** Commits that the remote, as last seen, does not have; the newest first, at most 20. */
  readonly commits: readonly string[]
  /** Changed, deleted and untracked files, as paths in the checkout; at most 100. */
  readonly changedFiles: readonly string[]
  readonly stashes: number
  /** Tags of a clone that the remote, as last seen, does not have like this. */
  readonly tags: readonly string[]
  /** What was begun and not ended: 'merge', 'rebase', 'cherry-pick', 'revert', 'am', 'bisect'. */
  readonly inProgress: readonly string[]
  /** Nested repositories, and initialised submodules with work of their own, as paths in the checkout. */
  readonly nested: readonly string[]
  /** What could not be looked into; unknown counts as unsaved. */
  readonly unknown: readonly string[]
  /** A file that is staged and then changed again counts in both. */
  readonly counts: {
    readonly commits: number
    readonly staged: number
    readonly unstaged: number
    readonly untracked: number
    readonly stashes: number
  }
  /** Files that the repository's own rules ignore: no unsaved work, and gone unless an archive is to include them. */
  readonly ignored: { readonly files: number; readonly bytes: number }
}
