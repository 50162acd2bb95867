import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { ObjectFormat } from '../model/object-format.js'

/** A tree to look at, and where its objects are. */
export interface TreeLook {
  readonly agent: AgentGitDir
  readonly workDir: string
  readonly head: string | undefined
  /** The commit that the manager's index was made for. */
  readonly indexCommit?: string | undefined
  readonly indexFile?: string | undefined
  /** The folders of a sparse checkout. */
  readonly sparse?: readonly string[] | undefined
  readonly objectFormat: ObjectFormat
  /** Objects of ours, which count more than the agent's of the same name; none for a submodule. */
  readonly objectDirectory?: string | undefined
  readonly scratchDir: string
  readonly signal?: AbortSignal | undefined
}
