import { join } from 'node:path'
import type { GitCall } from '../git/git.js'
import { withTrustedConfig } from '../git/trusted-config.js'

export interface BranchHome {
  readonly gitDir: string
  /** Any commit of the repository, for the kind of its ids. */
  readonly commit: string
  /** For temporary files, outside agents' reach. Absent: the repository's own configuration counts. */
  readonly scratchDir?: string | undefined
}

/**
 * Runs what changes a branch without obeying the configuration of its repository. Agents with worktrees may name hooks in
 * that of the mirror, which is compared before it is used for anything new, and not before something is removed.
 */
export function withConfigFor<T>(
  { gitDir, commit, scratchDir }: BranchHome,
  action: (place: Pick<GitCall, 'gitDir' | 'configDir'>) => Promise<T>,
): Promise<T> {
  if (scratchDir === undefined) return action({ gitDir })
  const [agent, objectFormat] = [
    { gitDir, commonDir: gitDir },
    commit.length === 64 ? 'sha256' : 'sha1',
  ] as const
  const alternates = [join(gitDir, 'objects')]
  return withTrustedConfig({ scratchDir, agent, objectFormat, alternates }, action)
}
