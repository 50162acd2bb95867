import type { RefreshMode, Workspace } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, makeStage } from './stage.js'

interface Obstacle {
  readonly does: (workspace: Workspace) => Promise<unknown>
  readonly modes: readonly RefreshMode[]
}

const ALL: readonly RefreshMode[] = ['fast-forward', 'rebase', 'reset']

async function staged(workspace: Workspace): Promise<void> {
  await agentWrites(workspace, 'README.md', 'staged\n')
  await agentGit(workspace, 'add', 'README.md')
  await agentWrites(workspace, 'README.md', '# Upstream\n')
}

async function hidden(workspace: Workspace): Promise<void> {
  await agentGit(workspace, 'update-index', '--skip-worktree', 'README.md')
  await agentWrites(workspace, 'README.md', 'hidden\n')
}

/** Upstream changes README.md and adds later.txt; each of these stands against that. */
const OBSTACLES: Record<string, Obstacle> = {
  'a changed file': { does: (w) => agentWrites(w, 'README.md', 'mine\n'), modes: ALL },
  'a staged change': { does: staged, modes: ALL },
  'an edit that skip-worktree hides': { does: hidden, modes: ALL },
  'an untracked file in the way': { does: (w) => agentWrites(w, 'later.txt', 'mine\n'), modes: ALL },
  'a commit of its own': { does: (w) => agentCommits(w, 'work.txt'), modes: ['fast-forward', 'reset'] },
  'a commit that conflicts': { does: (w) => agentCommits(w, 'README.md', 'mine\n'), modes: ALL },
  'a commit and an untracked file in the way': {
    does: async (w) => {
      await agentCommits(w, 'work.txt')
      await agentWrites(w, 'later.txt', 'mine\n')
    },
    modes: ALL,
  },
}

const CASES = CHECKOUTS.flatMap((strategy) =>
  Object.entries(OBSTACLES).map(([what, { does, modes }]) => ({ strategy, what, does, modes })),
)

/** Everything of the checkout that an agent can tell a difference by. */
async function look(workspace: Workspace) {
  return {
    files: await snapshotTree(workspace.workDir, { ignore: ['.git'] }),
    // With the branch, its commit, and the ids of what is staged.
    status: await agentGit(workspace, 'status', '--branch', '--porcelain=v2', '--untracked-files=all'),
    flags: await agentGit(workspace, 'ls-files', '-v'),
    heads: await agentGit(workspace, 'for-each-ref', 'refs/heads'),
  }
}

test.each(CASES)(
  '$what refuses $modes of a $strategy, and is untouched',
  async ({ strategy, does, modes }) => {
    const { manager, prepare, upstream } = await makeStage()
    const workspace = await prepare({ strategy })
    await does(workspace)
    await upstream.commit('main', { 'README.md': 'theirs\n', 'later.txt': 'theirs\n' })
    const before = await look(workspace)
    for (const mode of modes) {
      const error = await failureOf(workspace.refresh({ mode }))
      expect([mode, error.code]).toEqual([mode, 'NOT_FAST_FORWARD'])
      expect([mode, await look(workspace)]).toEqual([mode, before])
    }
    expect(await manager.get(workspace.key)).toMatchObject({ base: { commit: workspace.base?.commit } })
  },
)

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('reset refuses while there are unpushed commits, although upstream stands still', async () => {
    const { prepare } = await makeStage()
    const workspace = await prepare({ strategy })
    const commit = await agentCommits(workspace, 'work.txt')
    const error = await failureOf(workspace.refresh({ mode: 'reset' }))
    expect(error).toMatchObject({ code: 'NOT_FAST_FORWARD', data: { commits: [commit] } })
    expect(await agentGit(workspace, 'rev-parse', 'HEAD')).toBe(commit)
  })

  test('after a refusal the agent can resolve it and refresh again', async () => {
    const { prepare, upstream } = await makeStage()
    const workspace = await prepare({ strategy })
    await agentWrites(workspace, 'README.md', 'mine\n')
    const after = await upstream.commit('main', { 'README.md': 'theirs\n' })
    await failureOf(workspace.refresh())
    await agentGit(workspace, 'checkout', '--', 'README.md')
    expect(await workspace.refresh()).toMatchObject({ after })
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  })
})
