import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../errors/message-of.js'
import { hasErrorCode, IntegrityError } from '../errors/workspace-error.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { deleteTree } from '../fs/trash.js'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import { assertAgentPlaces } from '../git/agent-places.js'
import type { Git } from '../git/git.js'
import { isUsedElsewhere } from '../git/worktree-list.js'
import type { RefreshReport } from '../model/reports.js'
import { createBranch, deleteBranch } from './branch.js'
import { madeBy } from './branch-reflog.js'
import { checkoutAside } from './checkout-files.js'
import { refreshCheckout } from './refresh-checkout.js'
import { completeCheckout } from './refresh-completion.js'
import { repositoryParts } from './request-parts.js'
import type {
  CompletionRequest,
  CreateRequest,
  RefreshRequest,
  Strategy,
  StrategyRepository,
  Tree,
} from './strategy.js'
import type { HeadWriter } from './worktree-head.js'
import { register, registrationName, registrationPath, unregister } from './worktree-registration.js'

/**
 * A linked worktree: the cheapest checkout, for agents that are trusted. Branches, tags, the stash, config
 * and hooks are those of the repository, shared with every other worktree of it.
 *
 * `writer` is for tests: git can write HEAD wherever refs are files as well.
 */
export function worktreeStrategy(git: Git, writer: HeadWriter = 'by storage'): Strategy {
  const strategy: Strategy = {
    name: 'worktree',
    traits: { ownsDirectory: true, usesRepository: true, sharesRefs: true },
    shapes: ['filter', 'sparse'],

    async create(request: CreateRequest): Promise<Tree> {
      const { repository, commit } = repositoryParts('worktree', request)
      const { gitDir, owner } = repository
      const { branch, workDir } = request
      const registration = registrationName(workDir)
      const tree: Tree = { workDir, gitDir, registration, branch, baseCommit: commit }
      await mkdir(workDir)
      try {
        const entry = registrationPath(gitDir, registration)
        const link = () => linkCheckout(git, request, writer)
        await checkoutAside(git, request, entry, { commit, repository, link })
        return tree
      } catch (error) {
        // What stands there now may be another holder's.
        await assertStillHolding()
        try {
          await strategy.remove(tree)
        } finally {
          // A branch that was taken is somebody else's; else it may be ours, even if git was stopped right after.
          const isTaken = branch === undefined || hasErrorCode(error, 'BRANCH_TAKEN')
          if (!isTaken) await deleteNewBranch(git, { ...request, gitDir, owner, branch, commit }, error)
        }
        throw error
      }
    },

    async refresh(tree: Tree, request: RefreshRequest): Promise<RefreshReport> {
      const agent = agentOf(tree, request)
      await assertAgentPlaces(agent)
      return refreshCheckout(git, agent, tree, request)
    },

    async completeRefresh(tree: Tree, request: CompletionRequest) {
      const agent = agentOf(tree, request)
      await assertAgentPlaces(agent)
      return completeCheckout(git, agent, tree, request)
    },

    async remove(tree: Tree): Promise<void> {
      await deleteTree(tree.workDir)
      await unregister(tree)
    },
  }
  return strategy
}

function agentOf(tree: Tree, { repository: { gitDir } }: CompletionRequest | RefreshRequest): AgentGitDir {
  const name = tree.registration ?? registrationName(tree.workDir)
  return { gitDir: registrationPath(gitDir, name), commonDir: gitDir }
}

/**
 * Beside the index that the manager has made ready, in a folder of its own; a caller's repository has a say in its
 * refs.
 */
function scratchDirOf(
  owner: StrategyRepository['owner'] | undefined,
  { indexFile }: Pick<CreateRequest, 'indexFile'>,
): string | undefined {
  return owner === 'manager' && indexFile !== undefined ? dirname(indexFile) : undefined
}

/** Makes the branch, then the registration, which names it. */
async function linkCheckout(git: Git, request: CreateRequest, writer: HeadWriter): Promise<void> {
  const { repository, commit } = repositoryParts('worktree', request)
  const { gitDir, owner } = repository
  const { key, branch, workDir, signal } = request
  const scratchDir = scratchDirOf(owner, request)
  if (branch !== undefined)
    await createBranch(git, { key, gitDir, owner, branch, commit, scratchDir, signal })
  const name = registrationName(workDir)
  const entry = registrationPath(gitDir, name)
  await writeFile(join(workDir, '.git'), `gitdir: ${entry}\n`)
  const head = branch === undefined ? { commit } : { branch }
  await register(git, { gitDir, name, workDir, head, writer, signal })
  if (request.shape?.sparse !== undefined) await writeSparseConfig(entry)
}

/**
 * What makes a worktree sparse where its repository has `extensions.worktreeConfig`, which an agent's own
 * `git sparse-checkout` sets. It is not set here: in a bare repository it would make `core.bare` count for every
 * worktree, and the configuration of a caller's repository is not ours. Without it the task's own configuration counts.
 */
async function writeSparseConfig(entry: string): Promise<void> {
  const config = '[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = true\n'
  await writeFile(join(entry, 'config.worktree'), config)
}

/**
 * Nobody else knows of the branch yet, so that it must not stay behind unsaid. What failed may have come before anybody
 * could tell that it is taken: one that another has made or uses by now stays.
 */
async function deleteNewBranch(
  git: Git,
  at: Parameters<typeof createBranch>[1] & Pick<CreateRequest, 'workDir' | 'indexFile'>,
  failure: unknown,
): Promise<void> {
  const { key, workDir, gitDir, owner, branch, commit } = at
  const isOurs = async () => {
    if (!['us', 'unknown'].includes(await madeBy({ gitDir, branch }, key))) return false
    return !(await isUsedElsewhere(gitDir, branch, workDir))
  }
  try {
    const scratchDir = scratchDirOf(owner, at)
    await deleteBranch(git, { gitDir, owner, branch, commit, scratchDir }, isOurs)
  } catch (error) {
    const problem = messageOf(error)
    throw new IntegrityError('ROLLBACK_INCOMPLETE', `the new branch "${at.branch}" could not be deleted`, {
      data: { remaining: [{ what: `branch ${at.branch} of ${at.gitDir}`, problem }] },
      cause: failure,
    })
  }
}
