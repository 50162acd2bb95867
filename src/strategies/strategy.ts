import type { RefreshMode, RefreshReport } from '../model/reports.js'
import type { Tree } from '../model/session-record.js'
import type { ObjectFilter, Shape, ShapePart } from '../model/shape.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

export type { Tree }

/** What a strategy is like; operations decide by these, never by its name. */
export interface StrategyTraits {
  /** The checkout is the manager's to make and to delete. False: it is the caller's own folder. */
  readonly ownsDirectory: boolean
  /** It needs the source's repository: a mirror, or the caller's own one. */
  readonly usesRepository: boolean
  /** Branches live in that repository, beside those of other tasks. */
  readonly sharesRefs: boolean
}

/** The repository that a checkout is made from. */
export interface StrategyRepository {
  /** A bare mirror, or the `.git` of the caller's own repository. */
  readonly gitDir: string
  readonly objectFormat: 'sha1' | 'sha256'
  readonly owner: 'manager' | 'caller'
  /** When a mirror last heard from its remote, ISO 8601 UTC: its upstream refs are the same for as long as this is. */
  readonly fetchedAt?: string | undefined
  /** What a partial mirror leaves out; all that the base's checkout takes is there. */
  readonly filter?: ObjectFilter | undefined
}

/** Everything a strategy needs for one workspace, as plain data. */
export interface CreateRequest {
  readonly key: WorkspaceKey
  readonly rootDir: string
  /** To be filled; it does not exist yet, its parent does. */
  readonly workDir: string
  /** The branch to create; absent: detached HEAD. */
  readonly branch?: string | undefined
  readonly base?: { readonly ref: string; readonly commit: string } | undefined
  /** Present where `traits.usesRepository`. */
  readonly repository?: StrategyRepository | undefined
  /** What `origin` has to name: the true remote, without credentials. */
  readonly originUrl?: string | undefined
  /** The local folder of the source, where it is one. */
  readonly sourcePath?: string | undefined
  /** Where the manager wants its own copy of the index as checkout left it; outside the agent's reach. */
  readonly indexFile?: string | undefined
  /** How much of the repository is wanted; only what `Strategy.shapes` names is ever asked for. */
  readonly shape?: Shape | undefined
  readonly signal?: AbortSignal | undefined
  /** Percent of the files written, 0 to 100. */
  readonly onProgress?: ((percent: number) => void) | undefined
}

/** Everything a strategy needs to bring a tree up to date. The new commit is already in the repository. */
export interface RefreshRequest {
  readonly key: WorkspaceKey
  readonly mode: RefreshMode
  /** The commit that the checkout last started from or was brought to: nothing of the task's own. */
  readonly startedFrom: string
  readonly ref: string
  readonly commit: string
  readonly repository: StrategyRepository
  readonly stale: boolean
  /** A folder for temporary files, on the same file system, outside the agent's reach. */
  readonly scratchDir: string
  readonly shape?: Shape | undefined
  readonly indexFile?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Where the files of a workspace come from: the one extension point. Run `describeStrategy` from
 * `git-task-isolation/testing` over an implementation to see whether it keeps the contract.
 */
export interface Strategy {
  /** Stored in session records, so that a later process finds the strategy again. Follows the rules of ids. */
  readonly name: string
  readonly traits: StrategyTraits
  /** What its checkouts can be made smaller, or more independent, by; absent: nothing. */
  readonly shapes?: readonly ShapePart[] | undefined
  /** Fills `request.workDir`; leaves nothing behind when it rejects or is aborted. */
  create(request: CreateRequest): Promise<Tree>
  /** @throws IntegrityError NOT_FAST_FORWARD when work would be overwritten. */
  refresh?(tree: Tree, request: RefreshRequest): Promise<RefreshReport>
  /** Removes what `create` made but for its branch. Idempotent; unsaved work has been looked after before. */
  remove(tree: Tree): Promise<void>
}
