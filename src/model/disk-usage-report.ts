import type { SessionState } from './session-record.js'
import type { WorkspaceKey } from './workspace-key.js'

/** Bytes of disk blocks. What several share by hard links is counted once: for the mirror first, then in this order. */
export interface DiskUsageReport {
  readonly environments: readonly EnvironmentUsage[]
  readonly totalBytes: number
}

export interface EnvironmentUsage {
  readonly envId: string
  readonly mirrorBytes: number
  readonly archivesBytes: number
  readonly workspaces: readonly WorkspaceUsage[]
  /** What was removed and is not deleted yet. */
  readonly trashBytes: number
  /** Records, indexes, the audit log. */
  readonly otherBytes: number
  readonly totalBytes: number
}

/** One task's folder; that of the strategy `local` is without the checkout, which is the caller's. */
export interface WorkspaceUsage {
  readonly key: WorkspaceKey
  readonly path: string
  /** Undefined for a folder that no record knows. */
  readonly state?: SessionState | undefined
  readonly bytes: number
}
