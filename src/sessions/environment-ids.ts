import { namesIn } from '../fs/presence.js'
import { managedReposDir } from '../model/layout.js'
import { idProblem } from '../model/workspace-key.js'

/**
 * What may be environments below a root, in order: every name that one could have. Whether it is one of ours is for
 * the reader to see.
 *
 * @param only The one that was asked for; nothing is read for it.
 */
export async function environmentIds(root: string, only?: string): Promise<string[]> {
  const names = only === undefined ? await namesIn(managedReposDir(root)) : [only]
  return names.filter((name) => idProblem(name) === undefined).sort()
}
