import { join } from 'node:path'
import { assertStillHolding } from '../fs/lock-context.js'
import { deleteTree } from '../fs/trash.js'
import { assertAgentPlaces, assertOwnObjects } from '../git/agent-places.js'
import type { Git } from '../git/git.js'
import type { RefreshReport } from '../model/reports.js'
import { checkoutFiles } from './checkout-files.js'
import { CloneParts } from './clone-parts.js'
import { writeCloneSkeleton } from './clone-skeleton.js'
import { updateUpstreamRefs } from './clone-upstream-refs.js'
import { giveOwnObjects } from './own-objects.js'
import { refreshCheckout } from './refresh-checkout.js'
import { completeCheckout } from './refresh-completion.js'
import { repositoryParts } from './request-parts.js'
import { readShallow } from './shallow-history.js'
import type { CompletionRequest, CreateRequest, RefreshRequest, Strategy, Tree } from './strategy.js'

/**
 * A full clone with a `.git` of its own: branches, stash, config and hooks are the task's alone. Objects are
 * borrowed from the mirror, so that making one costs no more than writing its files, unless they are to be its own.
 */
export function cloneStrategy(git: Git): Strategy {
  const parts = new CloneParts(git)
  const strategy: Strategy = {
    name: 'clone',
    traits: { ownsDirectory: true, usesRepository: true, sharesRefs: false },
    shapes: ['objects', 'depth', 'filter', 'sparse'],

    async create(request: CreateRequest): Promise<Tree> {
      const { repository, commit } = repositoryParts('clone', request)
      try {
        const gitDir = await writeCloneSkeleton(git, parts, request, repository, commit)
        await checkoutFiles(git, request, gitDir, commit)
        return { workDir: request.workDir, branch: request.branch, baseCommit: commit }
      } catch (error) {
        // What stands there now may be another holder's.
        await assertStillHolding()
        await strategy.remove({ workDir: request.workDir })
        throw error
      }
    },

    async refresh(tree: Tree, request: RefreshRequest): Promise<RefreshReport> {
      const gitDir = join(tree.workDir, '.git')
      const agent = { gitDir, commonDir: gitDir }
      await assertAgentPlaces(agent)
      await assertOwnObjects(agent, join(request.repository.gitDir, 'objects'))
      await bringObjects(git, gitDir, request)
      await updateUpstreamRefs(git, agent, request)
      return refreshCheckout(git, agent, tree, request)
    },

    async completeRefresh(tree: Tree, request: CompletionRequest) {
      const gitDir = join(tree.workDir, '.git')
      const agent = { gitDir, commonDir: gitDir }
      await assertAgentPlaces(agent)
      await assertOwnObjects(agent, join(request.repository.gitDir, 'objects'))
      return completeCheckout(git, agent, tree, request)
    },

    remove: (tree: Tree) => deleteTree(tree.workDir),
  }
  return strategy
}

/** A clone that borrows has them already; one with objects of its own gets those that are new. */
async function bringObjects(git: Git, gitDir: string, request: RefreshRequest): Promise<void> {
  const { shape, repository, commit, startedFrom, signal } = request
  if (shape?.objects !== 'own') return
  const [depth, shallow, commits] = [shape.depth, await readShallow(gitDir), [commit]]
  return giveOwnObjects(git, { gitDir, repository, depth, commits, shallow, except: startedFrom, signal })
}
