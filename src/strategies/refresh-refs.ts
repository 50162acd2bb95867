import { join } from 'node:path'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import { type RefPlace, withTrustedConfig } from '../git/trusted-config.js'
import type { RefreshRequest } from './strategy.js'

/** Where a checkout has its objects, and the manager room for its own files. */
type Place = Pick<RefreshRequest, 'repository' | 'scratchDir' | 'shape'>

/**
 * Runs what changes refs of a checkout: with a configuration of the manager's own, but for a worktree of the caller's
 * repository, whose own one counts.
 */
export function withRefsOf<T>(
  agent: AgentGitDir,
  request: Place,
  action: (place: RefPlace) => Promise<T>,
): Promise<T> {
  const { objectFormat, owner, gitDir } = request.repository
  const scratchDir = owner === 'caller' && agent.commonDir === gitDir ? undefined : request.scratchDir
  const alternates = objectDirectories(agent, request)
  return withTrustedConfig({ scratchDir, agent, objectFormat, alternates }, action)
}

/** Where the objects of a checkout are. */
export function objectDirectories(agent: AgentGitDir, request: Place): string[] {
  const own = join(agent.commonDir, 'objects')
  if (hasOwnObjects(request)) return [own]
  const directories = [own, join(request.repository.gitDir, 'objects')]
  return [...new Set(directories)]
}

/** Then nothing that only the mirror has may be taken for being there. */
export function hasOwnObjects({ shape }: Place): boolean {
  return shape?.objects === 'own'
}
