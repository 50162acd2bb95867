import { WorkspaceManager } from 'git-task-isolation'
import type { Upstream } from '../helpers/upstream.js'
import type { KillPlan } from './kill-plan.js'
import type { Ledger } from './ledger.js'
import type { References } from './references.js'

/** Where the orchestrators of one lane live and die. */
export interface Place {
  /** Holds the root and the upstream. */
  readonly directory: string
  readonly root: string
  readonly upstream: Upstream
  readonly source: string
  /** A URL, or the path of the caller's own repository, in which worktrees are then registered. */
  readonly sourceKind: 'url' | 'path'
  readonly references: References
}

/** What a new orchestrator has after the old one was killed. */
export interface Heir {
  readonly place: Place
  /** What nobody may lose. */
  readonly ledger: Ledger
  readonly manager: WorkspaceManager
}

/** Does something as a new orchestrator, which has ended in peace when this resolves. */
export async function withHeir<Result>(
  { place, ledger }: Omit<Heir, 'manager'>,
  { maxAgeMs }: KillPlan,
  action: (heir: Heir) => Promise<Result>,
): Promise<Result> {
  const manager = new WorkspaceManager({
    root: place.root,
    freshness: { mode: 'prefer', maxAgeMs },
    // What is archived is out of the ledger's sight.
    onUnsavedWork: 'refuse',
  })
  try {
    return await action({ place, ledger, manager })
  } finally {
    await manager.close()
  }
}
