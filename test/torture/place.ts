import type { WorkspaceManager } from 'git-task-isolation'
import type { Upstream } from '../helpers/upstream.js'
import type { Ledger } from './ledger.js'
import type { References } from './references.js'

/** Where the orchestrators of one lane live and die. */
export interface Place {
  /** Holds the root and the upstream. */
  readonly directory: string
  readonly root: string
  readonly upstream: Upstream
  readonly references: References
}

/** What a new orchestrator has after the old one was killed. */
export interface Heir {
  readonly place: Place
  /** What nobody may lose. */
  readonly ledger: Ledger
  readonly manager: WorkspaceManager
}
