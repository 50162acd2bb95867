import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { deleteTree } from '../fs/trash.js'
import type { Git } from '../git/git.js'
import { createBranch, deleteBranch } from './branch.js'
import { checkoutFiles } from './checkout-files.js'
import { refreshCheckout } from './refresh-checkout.js'
import { repositoryParts } from './request-parts.js'
import type { CreateRequest, RefreshRequest, Strategy, Tree } from './strategy.js'
import { register, registrationName, registrationPath, unregister } from './worktree-registration.js'

/**
 * A linked worktree: the cheapest checkout, for agents that are trusted. Branches, tags, the stash, config
 * and hooks are those of the repository, shared with every other worktree of it.
 */
export function worktreeStrategy(git: Git): Strategy {
  const strategy: Strategy = {
    name: 'worktree',
    traits: { ownsDirectory: true, usesRepository: true, sharesRefs: true },

    async create(request: CreateRequest): Promise<Tree> {
      const { repository, commit } = repositoryParts('worktree', request)
      const { gitDir } = repository
      const { branch, workDir, signal } = request
      const registration = registrationName(workDir)
      const tree: Tree = { workDir, gitDir, registration, branch, baseCommit: commit }
      try {
        if (branch !== undefined) await createBranch(git, { gitDir, branch, commit, signal })
        await linkCheckout(tree, registration)
        await register(
          gitDir,
          registration,
          workDir,
          branch === undefined ? `${commit}\n` : `ref: refs/heads/${branch}\n`,
        )
        await checkoutFiles(git, request, registrationPath(gitDir, registration), commit)
        return tree
      } catch (error) {
        await strategy.remove(tree)
        // A branch that was taken is somebody else's; else it is ours, even if git was stopped right after.
        const isOurs = branch !== undefined && !hasErrorCode(error, 'BRANCH_TAKEN')
        if (isOurs) await deleteBranch(git, { gitDir, branch, commit })
        throw error
      }
    },

    refresh: (tree: Tree, request: RefreshRequest) => {
      const { gitDir } = request.repository
      const agent = {
        gitDir: registrationPath(gitDir, tree.registration ?? registrationName(tree.workDir)),
        commonDir: gitDir,
      }
      return refreshCheckout(git, agent, tree, request)
    },

    async remove(tree: Tree): Promise<void> {
      await deleteTree(tree.workDir)
      await unregister(tree)
    },
  }
  return strategy
}

async function linkCheckout(tree: Tree, registration: string): Promise<void> {
  await mkdir(tree.workDir)
  await writeFile(
    join(tree.workDir, '.git'),
    `gitdir: ${registrationPath(tree.gitDir ?? '', registration)}\n`,
  )
}
