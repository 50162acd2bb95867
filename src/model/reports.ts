import type { ErrorCode } from '../errors/error-code.js'
import type { ArchiveRecord, WorkCounts } from './archive-record.js'
import type { OnUnsavedWork } from './options.js'
import type { Outcome } from './session-record.js'
import type { WorkspaceKey } from './workspace-key.js'

/**
 * How a refresh may move a branch.
 *
 * @see {@link Manager.refresh}
 */
export type RefreshMode = 'fast-forward' | 'rebase' | 'reset'

/**
 * How a workspace is brought up to date.
 *
 * @see {@link Manager.refresh}
 */
export interface RefreshOptions {
  /**
   * `fast-forward` (default) moves only forward; `rebase` replays the task's own commits on the new base;
   * `reset` moves the branch to the new base, and refuses while commits or changes would be lost.
   */
  readonly mode?: RefreshMode | undefined
  /** Ends the call, which then rejects with ABORTED and leaves nothing half done. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What a refresh did.
 *
 * @see {@link Manager.refresh}
 */
export interface RefreshReport {
  /** Whether anything had to be done. */
  readonly action: 'updated' | 'up-to-date'
  /** As it was asked for. */
  readonly mode: RefreshMode
  /** The commit the workspace was at. */
  readonly before: string
  /** The commit it is at. */
  readonly after: string
  /** The ref it was brought up to. */
  readonly ref: string
  /** Whether the remote could not be asked, so that the mirror's last state was used. */
  readonly stale: boolean
}

/**
 * What a cleanup may do; what is absent is the manager's policy.
 *
 * @example
 * const options: CleanupOptions = { outcome: 'succeeded', onUnsavedWork: 'discard', keep: 'artifacts' }
 * const { action } = await manager.cleanup(key, options)
 * action // => 'removed'
 */
export interface CleanupOptions {
  /** Recorded before the policy is asked, as if `finish` had been called first. */
  readonly outcome?: Outcome | undefined
  /** What happens to work that exists nowhere else; default: the manager's. */
  readonly onUnsavedWork?: OnUnsavedWork | undefined
  /**
   * Files that the repository's own rules ignore are archived too: all of them, or those that a glob names. Without it
   * they go with the workspace. A glob that matches nothing is no error, since one list may be for many repositories;
   * a `warning` (NOTHING_INCLUDED) tells where none of them names any of the ignored files.
   */
  readonly includeIgnored?: true | readonly string[] | undefined
  /** `artifacts` removes the checkout and keeps `output/` and `logs/`. */
  readonly keep?: 'nothing' | 'artifacts' | undefined
  /** Whether a failed task stays; default: the manager's `retention.keepFailed`. */
  readonly keepFailed?: boolean | undefined
  /**
   * Plan, and do nothing: the report says what a cleanup would do. The remote is not asked for what it has by now, and
   * nothing is archived: a cleanup that cannot archive all of the work ends with ARCHIVE_FAILED, and leaves it as it is.
   */
  readonly dryRun?: boolean | undefined
  /** Ends the call, which then rejects with ABORTED and leaves nothing half done. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What a cleanup did.
 *
 * @see {@link Manager.cleanup}
 */
export interface CleanupReport {
  /** Of the workspace. */
  readonly key: WorkspaceKey
  /** What became of it; `absent`: there is none. */
  readonly action: 'removed' | 'kept' | 'absent'
  /** Why, in words a person understands. */
  readonly reason: string
  /** Where the work is that existed nowhere else; absent where there was none. */
  readonly archive?: ArchiveRecord | undefined
  /** Of a dry run: the work that exists nowhere else, which would be archived. */
  readonly unsavedWork?: UnsavedWork | undefined
  /**
   * The disk blocks of what was removed, in bytes. They come free while it is deleted in the background; absent where
   * something of it cannot be deleted, or `cleanup.freed` tells them later.
   */
  readonly freedBytes?: number | undefined
  /**
   * Where it is while its deletion goes on in the background; absent where it is known to be gone. What resists is
   * told by a `warning` then; where that is known in time, as of what is immutable, `action` is 'kept' and `error`
   * ROLLBACK_INCOMPLETE.
   */
  readonly trash?: string | undefined
  /** What became of the task's branch, where it had one in a repository that outlives it. */
  readonly branch?:
    | {
        /** Without `refs/heads/`. */
        readonly name: string
        /** Whether it is gone. */
        readonly deleted: boolean
        /** Why, in words a person understands. */
        readonly why: string
      }
    | undefined
  /**
   * Of `cleanupAll` and of a dry run: what the cleanup of this one is refused with. ROLLBACK_INCOMPLETE also where all is
   * out of the way, and cannot be deleted. UNEXPECTED, of `cleanupAll`: a failure that has no code; `reason` tells it.
   */
  readonly error?: ErrorCode | 'UNEXPECTED' | undefined
  /** How long it took, in milliseconds. */
  readonly durationMs: number
}

/**
 * Work that exists nowhere but in one workspace. Lists are cut short; `counts` are not.
 *
 * @example
 * const error = await manager.cleanup(key, { onUnsavedWork: 'refuse' }).catch((reason: unknown) => reason)
 * isWorkspaceError(error) && error.data['changedFiles'] // => ['notes.md']
 */
export interface UnsavedWork {
  /** Commits that the remote, as last seen, does not have; the newest first, at most 20. */
  readonly commits: readonly string[]
  /** Changed, deleted and untracked files, as paths in the checkout; at most 100. */
  readonly changedFiles: readonly string[]
  /** How many entries `git stash list` has. */
  readonly stashes: number
  /** Tags of a clone that the remote, as last seen, does not have like this. */
  readonly tags: readonly string[]
  /** What was begun and not ended: 'merge', 'rebase', 'cherry-pick', 'revert', 'am', 'bisect'. */
  readonly inProgress: readonly string[]
  /** Nested repositories, and initialised submodules with work of their own, as paths in the checkout. */
  readonly nested: readonly string[]
  /** What could not be looked into; unknown counts as unsaved. */
  readonly unknown: readonly string[]
  /** How much there is of each kind. */
  readonly counts: WorkCounts
  /** Files that the repository's own rules ignore: no unsaved work, and gone unless an archive is to include them. */
  readonly ignored: {
    /** How many. */
    readonly files: number
    /** Their sizes added up. */
    readonly bytes: number
  }
}
