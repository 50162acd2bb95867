import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isPresent } from '../fs/presence.js'
import type { Git } from '../git/git.js'
import { isCheckedOut } from '../git/sparse-cone.js'
import { copyIndex, type TrustedView } from '../git/trusted-view.js'
import { isAsCheckedOut, splitList } from './look-staged.js'
import { copySharedIndexes } from './shared-index.js'
import type { TreeLook } from './tree-look.js'

/**
 * Files outside of the cone that are gone though the agent had them: it has given up the sparse checkout, or widened it,
 * and its index has them as checked out. Our own index cannot tell, since it was made with the cone.
 */
export async function deletedOutsideCone(git: Git, look: TreeLook, view: TrustedView): Promise<string[]> {
  const { sparse, agent, workDir, signal } = look
  const own = join(agent.gitDir, 'index')
  if (sparse === undefined || (await isAsCheckedOut(look, own))) return []
  const indexFile = join(view.gitDir, `agent-index-${randomBytes(4).toString('hex')}`)
  if ((await copyIndex(own, indexFile)) === 'absent') return []
  await copySharedIndexes(agent.gitDir, view.gitDir)
  const { stdout } = await git.run({ args: ['ls-files', '-t', '-z'], ...view, indexFile, signal })
  const found: string[] = []
  for (const line of splitList(stdout)) {
    const path = line.slice(2)
    // H: checked out, as opposed to S, which was left out.
    if (!line.startsWith('H ') || isCheckedOut(path, sparse)) continue
    if (!(await isPresent(join(workDir, path)))) found.push(path)
  }
  return found
}
