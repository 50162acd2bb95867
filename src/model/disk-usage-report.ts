import type { SessionState } from './session-record.js'
import type { WorkspaceKey } from './workspace-key.js'

/**
 * Bytes of disk blocks. What several share by hard links is counted once: for the mirror first, then in this order.
 *
 * @see {@link Manager.diskUsage}
 */
export interface DiskUsageReport {
  /** By id. */
  readonly environments: readonly EnvironmentUsage[]
  /** All of them together. */
  readonly totalBytes: number
}

/**
 * What one environment takes on the disk, in bytes of disk blocks.
 *
 * @see {@link Manager.diskUsage}
 */
export interface EnvironmentUsage {
  /** Its id. */
  readonly envId: string
  /** The mirror of its source. */
  readonly mirrorBytes: number
  /** The archives, with the repository that they are in. */
  readonly archivesBytes: number
  /** The tasks' folders, by path. */
  readonly workspaces: readonly WorkspaceUsage[]
  /** What was removed and is not deleted yet. */
  readonly trashBytes: number
  /** Records, indexes, the audit log. */
  readonly otherBytes: number
  /** All of it together. */
  readonly totalBytes: number
}

/**
 * One task's folder; that of the strategy `local` is without the checkout, which is the caller's.
 *
 * @see {@link Manager.diskUsage}
 */
export interface WorkspaceUsage {
  /** Of the task that the folder is named after. */
  readonly key: WorkspaceKey
  /** The task's folder. */
  readonly path: string
  /** Undefined for a folder that no record knows. */
  readonly state?: SessionState | undefined
  /** All that is in it. */
  readonly bytes: number
}
