import { join } from 'node:path'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { StrategyTraits, Tree } from './strategy.js'
import { registrationName, registrationPath } from './worktree-registration.js'

/** Where the git dir of a checkout is, told by what the strategy is like; the checkout itself is not asked. */
export function agentRepository(traits: StrategyTraits, tree: Tree): AgentGitDir {
  if (!traits.sharesRefs || tree.gitDir === undefined) {
    const own = join(tree.workDir, '.git')
    return { gitDir: own, commonDir: own }
  }
  const name = tree.registration ?? registrationName(tree.workDir)
  return { gitDir: registrationPath(tree.gitDir, name), commonDir: tree.gitDir }
}
