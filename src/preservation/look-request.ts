import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { ObjectFormat } from '../model/object-format.js'

/** Commits that something else keeps, with all that they reach. */
export interface SavedCommits {
  /** Refs of the repository, as rev-list(1) takes them. */
  readonly refs: readonly string[]
  /** Commits that the repository has. */
  readonly commits: readonly string[]
}

/** A checkout to look into, and what counts as saved. */
export interface LookRequest {
  readonly agent: AgentGitDir
  readonly workDir: string
  /** The task's folder, which the checkout is in. */
  readonly rootDir: string
  /** `gone` where the checkout's folder was deleted, so that only commits can be left. */
  readonly files: 'present' | 'gone'
  /** The mirror or the caller's own repository: what its upstream refs reach is saved. */
  readonly repository: {
    readonly gitDir: string
    readonly objectFormat: ObjectFormat
    /** What stays in a repository of the caller's own is saved by that. */
    readonly owner: 'manager' | 'caller'
  }
  /** What proves a commit saved; asked where there is one that may not be. */
  readonly saved: () => Promise<SavedCommits>
  /** What the checkout was brought to last, and at the end what it was made from: nothing of the task's own. */
  readonly startedFrom: readonly string[]
  /** Whether branches live in the repository and outlive the checkout. */
  readonly refs: 'own' | 'shared'
  readonly branch?: string | undefined
  /** As of `WorktreesRequest`. */
  readonly isManagers?: ((name: string) => boolean) | undefined
  /** The manager's own copy of the index; without it contents are compared. */
  readonly indexFile?: string | undefined
  /** The folders of a sparse checkout; files elsewhere are not there, and not deleted. */
  readonly sparse?: readonly string[] | undefined
  /** A folder of the checkout that is the manager's own, and no work where it is ignored. */
  readonly ownFolder: string
  readonly scratchDir: string
  readonly signal?: AbortSignal | undefined
}
