import { environmentLayout } from '../model/layout.js'
import type { Services } from './services.js'

/**
 * What is known of a repository that a task's branch is in; in the mirror none of its configuration is obeyed for
 * that.
 */
export function ownershipOf(
  { settings }: Services,
  envId: string,
  gitDir: string,
): { readonly owner?: 'manager'; readonly scratchDir?: string } {
  const { mirrorDir, scratchDir } = environmentLayout(settings.root, envId)
  return gitDir === mirrorDir ? { owner: 'manager', scratchDir } : {}
}
