import type { UnsavedWork } from './reports.js'
import type { SessionRecord } from './session-record.js'

/**
 * Whether the process that has a session still lives: `self` is this one. `silent` is one on another host whose sign of
 * life is missing, which may be a pause; only whoever wants to adopt its session waits to be sure.
 *
 * @see {@link Manager.status}
 */
export type OwnerState = 'self' | 'alive' | 'dead' | 'silent'

/**
 * A session with what its record alone does not tell.
 *
 * @see {@link Manager.status}
 */
export interface SessionStatus extends SessionRecord {
  /** Whether its owner lives. */
  readonly ownerState: OwnerState
  /** Whether its folder is there; `unknown` where that cannot be seen. */
  readonly checkout: 'present' | 'absent' | 'unknown'
  /**
   * With the look `unsaved-work`: what exists nowhere else, by what the remote had when it was last asked. Undefined for
   * what is half made or half removed, and for a folder of the caller's own.
   */
  readonly unsavedWork?: UnsavedWork | undefined
  /** With the look `size`: the disk blocks of the task's folder, in bytes. */
  readonly bytes?: number | undefined
}

/**
 * What is worth more than a glance, and takes its time: unsaved work milliseconds for each workspace, or a reading of
 * its files.
 *
 * @see {@link Manager.status}
 */
export type StatusLook = 'unsaved-work' | 'size'
