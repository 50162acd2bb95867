import { join } from 'node:path'
import { kindOf, namesIn } from '../fs/presence.js'
import { copyIndex } from '../git/trusted-view.js'

/**
 * The larger part of a split index is in a file of its own, which git looks for in the git dir and not beside the index:
 * git-update-index(1), "Split index".
 */
export async function copySharedIndexes(fromGitDir: string, toGitDir: string): Promise<void> {
  const names = await namesIn(fromGitDir)
  for (const name of names.filter((name) => /^sharedindex\.[0-9a-f]+$/.test(name))) {
    const from = join(fromGitDir, name)
    if ((await kindOf(from)) === 'file') await copyIndex(from, join(toGitDir, name))
  }
}
