import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import type { TrustedView } from '../git/trusted-view.js'
import type { CompletionRequest, RefreshRequest, Tree } from './strategy.js'

/** How the checkout's commit stands to the one it is to be brought to. */
export type Relation = 'up-to-date' | 'behind' | 'diverged'

/** Everything the steps of one refresh work with, or of the completion of one. */
export interface RefreshWork<Request = RefreshRequest> {
  readonly git: Git
  readonly agent: AgentGitDir
  readonly tree: Tree
  readonly request: Request
  /** The commit that the checkout is at. */
  readonly before: string
  readonly view: TrustedView
}

/** What both have in common. */
export type CheckoutWork = RefreshWork<Omit<CompletionRequest, 'move'>>
