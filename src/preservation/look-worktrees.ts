import { relative } from 'node:path'
import { isPresent } from '../fs/presence.js'
import { addedWorktrees } from './added-worktrees.js'
import type { LookRequest } from './look-request.js'

/**
 * Worktrees that the agent has added, and that are still somewhere: their files may be in the workspace, and git finds
 * nothing in them without its repository. Those inside the checkout are among its nested repositories.
 */
export async function ownWorktrees(request: LookRequest, nested: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const { name, folder } of await addedWorktrees(request)) {
    const isGone = folder !== undefined && !(await isPresent(folder))
    const isNested = folder !== undefined && nested.includes(relative(request.workDir, folder))
    if (!isGone && !isNested) found.push(`the repository has a worktree that the agent added, "${name}"`)
  }
  return found
}
