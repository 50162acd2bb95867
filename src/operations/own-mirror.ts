import { join } from 'node:path'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { GitCall } from '../git/git.js'
import { withTrustedConfig } from '../git/trusted-config.js'
import { environmentLayout } from '../model/layout.js'
import type { Services } from './services.js'

/** What is known of a repository that a task's branch is in; in the mirror none of its configuration is obeyed for that. */
export function ownershipOf(
  { settings }: Services,
  envId: string,
  gitDir: string,
): { readonly owner?: 'manager'; readonly scratchDir?: string } {
  const { mirrorDir, scratchDir } = environmentLayout(settings.root, envId)
  return gitDir === mirrorDir ? { owner: 'manager', scratchDir } : {}
}

interface OwnedCheckout {
  readonly envId: string
  readonly agent: AgentGitDir
  readonly objectFormat: 'sha1' | 'sha256'
}

/**
 * Lends what to spread into git calls about a checkout's repository. In the mirror a configuration of our own counts for
 * them, whoever changes the mirror's meanwhile; in any other repository its own does.
 */
export function withOwnConfig<T>(
  services: Services,
  { envId, agent, objectFormat }: OwnedCheckout,
  action: (place: Pick<GitCall, 'gitDir' | 'configDir' | 'alternates' | 'config'>) => Promise<T>,
): Promise<T> {
  const { scratchDir } = ownershipOf(services, envId, agent.commonDir)
  if (scratchDir === undefined) return action({ gitDir: agent.gitDir })
  const alternates = [join(agent.commonDir, 'objects')]
  return withTrustedConfig({ scratchDir, agent, objectFormat, alternates }, action)
}
