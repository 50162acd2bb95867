import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import type { TrustedView } from '../git/trusted-view.js'
import type { RefreshRequest, Tree } from './strategy.js'

/** How the checkout's commit stands to the one it is to be brought to. */
export type Relation = 'up-to-date' | 'behind' | 'diverged'

/** Everything the steps of one refresh work with. */
export interface RefreshWork {
  readonly git: Git
  readonly agent: AgentGitDir
  readonly tree: Tree
  readonly request: RefreshRequest
  /** The commit that the checkout is at. */
  readonly before: string
  readonly view: TrustedView
}
