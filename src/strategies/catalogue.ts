import { Git } from '../git/git.js'
import { cloneStrategy } from './clone.js'
import { directoryStrategy } from './directory.js'
import { localStrategy } from './local.js'
import type { Strategy } from './strategy.js'
import { worktreeStrategy } from './worktree.js'

/**
 * The name of a built-in strategy.
 *
 * @see {@link catalogue}
 */
export type BuiltInStrategyName = 'clone' | 'worktree' | 'directory' | 'local'

/** The built-in strategies over one door to git. */
export function builtInStrategies(git: Git): Readonly<Record<BuiltInStrategyName, Strategy>> {
  return Object.freeze({
    clone: cloneStrategy(git),
    worktree: worktreeStrategy(git),
    directory: directoryStrategy(),
    local: localStrategy(),
  })
}

/**
 * The built-in strategies by name, to look at or to build on.
 *
 * @example
 * const traced: Strategy = {
 *   ...catalogue.clone,
 *   name: 'traced-clone',
 *   create(request) {
 *     console.log('clone', request.workDir)
 *     return catalogue.clone.create(request)
 *   },
 * }
 * const manager = new WorkspaceManager({ root: '/srv/agents', strategies: [traced] })
 */
export const catalogue: Readonly<Record<BuiltInStrategyName, Strategy>> = builtInStrategies(
  new Git({ gitTimeoutMs: 300_000 }),
)
