import type { ObjectFormat } from '../model/object-format.js'
import type { RefreshMode, RefreshReport } from '../model/reports.js'
import type { Base, RefreshMove, Tree } from '../model/session-record.js'
import type { ObjectFilter, Shape, ShapePart } from '../model/shape.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

export type { RefreshMove, Tree }

/**
 * What a strategy is like; operations decide by these, never by its name.
 *
 * @see {@link Strategy}
 */
export interface StrategyTraits {
  /** The checkout is the manager's to make and to delete. False: it is the caller's own folder. */
  readonly ownsDirectory: boolean
  /** It needs the source's repository: a mirror, or the caller's own one. */
  readonly usesRepository: boolean
  /** Branches live in that repository, beside those of other tasks. */
  readonly sharesRefs: boolean
}

/**
 * The repository that a checkout is made from.
 *
 * @see {@link Strategy}
 */
export interface StrategyRepository {
  /** A bare mirror, or the `.git` of the caller's own repository. */
  readonly gitDir: string
  /** Of its object ids. */
  readonly objectFormat: ObjectFormat
  /** Whose it is: nothing is ever pruned or fetched into in the caller's. */
  readonly owner: 'manager' | 'caller'
  /** When a mirror last heard from its remote, ISO 8601 UTC: its upstream refs are the same for as long as this is. */
  readonly fetchedAt?: string | undefined
  /** What a partial mirror leaves out; all that the base's checkout takes is there. */
  readonly filter?: ObjectFilter | undefined
}

/**
 * Everything a strategy needs for one workspace, as plain data.
 *
 * @see {@link Strategy}
 */
export interface CreateRequest {
  /** Of the task. */
  readonly key: WorkspaceKey
  /** The task's folder; it is there. */
  readonly rootDir: string
  /** To be filled; it does not exist yet, its parent does. */
  readonly workDir: string
  /** The branch to create; absent: detached HEAD. */
  readonly branch?: string | undefined
  /** What to check out. Present where `traits.usesRepository`. */
  readonly base?: Pick<Base, 'ref' | 'commit'> | undefined
  /** Present where `traits.usesRepository`. */
  readonly repository?: StrategyRepository | undefined
  /** What `origin` has to name: the true remote, without credentials. */
  readonly originUrl?: string | undefined
  /** The local folder of the source, where it is one. */
  readonly sourcePath?: string | undefined
  /**
   * Where the manager wants its own copy of the index as checkout left it; outside the agent's reach. Whoever changes a
   * tracked file after that leaves no copy.
   */
  readonly indexFile?: string | undefined
  /** How much of the repository is wanted; only what `Strategy.shapes` names is ever asked for. */
  readonly shape?: Shape | undefined
  /** `as committed`: files are wanted with the bytes of the commit, whatever line ends the user's settings ask for. */
  readonly lineEnds?: 'as committed' | undefined
  /** Aborted where nobody wants the result any more. */
  readonly signal?: AbortSignal | undefined
  /** Percent of the files written, 0 to 100. */
  readonly onProgress?: ((percent: number) => void) | undefined
}

/**
 * Everything a strategy needs to bring a tree up to date. The new commit is already in the repository.
 *
 * @see {@link Strategy}
 */
export interface RefreshRequest {
  /** Of the task. */
  readonly key: WorkspaceKey
  /** What may be done to the task's own commits. */
  readonly mode: RefreshMode
  /** The commit that the checkout last started from or was brought to: nothing of the task's own. */
  readonly startedFrom: string
  /** The ref to be brought up to. */
  readonly ref: string
  /** Its object id. */
  readonly commit: string
  /** Where that commit is. */
  readonly repository: StrategyRepository
  /** For the report: whether the remote could not be asked. */
  readonly stale: boolean
  /** A folder for temporary files, on the same file system, outside the agent's reach. */
  readonly scratchDir: string
  /** As for `create`. */
  readonly shape?: Shape | undefined
  /** As for `create`; to be written anew. */
  readonly indexFile?: string | undefined
  /** To be awaited before the first file is written, so that `completeRefresh` is called if that never ends. */
  readonly beforeWriting?: ((move: RefreshMove) => Promise<void>) | undefined
  /** Aborted where nobody wants the result any more. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What a strategy needs to complete a refresh that never ended.
 *
 * @see {@link Strategy}
 */
export interface CompletionRequest
  extends Pick<RefreshRequest, 'key' | 'repository' | 'scratchDir' | 'shape' | 'indexFile' | 'signal'> {
  /** What `beforeWriting` was told. */
  readonly move: RefreshMove
}

/**
 * Where the files of a workspace come from: the one extension point. Run `describeStrategy` from
 * `git-task-isolation/testing` over an implementation to see whether it keeps the contract.
 *
 * @example
 * import { cp, rm } from 'node:fs/promises'
 *
 * const template: Strategy = {
 *   name: 'template',
 *   traits: { ownsDirectory: true, usesRepository: false, sharesRefs: false },
 *   async create({ workDir }) {
 *     await cp('/srv/agents/template', workDir, { recursive: true })
 *     return { workDir }
 *   },
 *   remove: ({ workDir }) => rm(workDir, { recursive: true, force: true }),
 * }
 * const manager = new WorkspaceManager({ root: '/srv/agents', strategies: [template] })
 */
export interface Strategy {
  /** Stored in session records, so that a later process finds the strategy again. Follows the rules of ids. */
  readonly name: string
  /** What it is like. */
  readonly traits: StrategyTraits
  /** What its checkouts can be made smaller, or more independent, by; absent: nothing. */
  readonly shapes?: readonly ShapePart[] | undefined
  /** Fills `request.workDir`; leaves nothing behind when it rejects or is aborted. */
  create(request: CreateRequest): Promise<Tree>
  /** @throws IntegrityError NOT_FAST_FORWARD when work would be overwritten. */
  refresh?(tree: Tree, request: RefreshRequest): Promise<RefreshReport>
  /** Ends a refresh that was killed while it wrote files; `left`: the agent went on there, and nothing was touched. */
  completeRefresh?(tree: Tree, request: CompletionRequest): Promise<'completed' | 'left'>
  /** Removes what `create` made but for its branch. Idempotent; unsaved work has been looked after before. */
  remove(tree: Tree): Promise<void>
}
