import { type RefPlace, withTrustedConfig } from '../git/trusted-config.js'
import { objectFormatOf } from '../model/object-format.js'

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
  action: (place: RefPlace) => Promise<T>,
): Promise<T> {
  const agent = { gitDir, commonDir: gitDir }
  return withTrustedConfig({ scratchDir, agent, objectFormat: objectFormatOf(commit) }, action)
}
