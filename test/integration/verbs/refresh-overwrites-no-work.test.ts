import { join } from 'node:path'
import { type RefreshMode, type Workspace, WorkspaceManager } from 'git-task-isolation'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { createUpstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, type Stage, stageOf } from './stage.js'

interface Obstacle {
  /** What is looked for in the same way in both checkouts stands in one. */
  readonly only?: (typeof CHECKOUTS)[number]
  readonly does: (workspace: Workspace) => Promise<unknown>
  readonly modes: readonly RefreshMode[]
}

const RESOLVED = { taskId: 'resolved', strategy: 'clone' } as const

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

/** Upstream changes README.md, adds later.txt, and has a file for a folder; each of these stands against that. */
const OBSTACLES: Record<string, Obstacle> = {
  'a changed file': { does: (w) => agentWrites(w, 'README.md', 'mine\n'), modes: ALL },
  'a staged change': { does: staged, modes: ALL, only: 'worktree' },
  'an edit that skip-worktree hides': { does: hidden, modes: ALL, only: 'clone' },
  'an untracked file in the way': {
    does: (w) => agentWrites(w, 'later.txt', 'mine\n'),
    modes: ALL,
    only: 'worktree',
  },
  'an untracked file in a folder that goes': {
    does: (w) => agentWrites(w, 'folder/mine.txt'),
    modes: ALL,
    only: 'clone',
  },
  'a commit of its own': { does: (w) => agentCommits(w, 'work.txt'), modes: ['fast-forward', 'reset'] },
  'a commit that conflicts': {
    does: (w) => agentCommits(w, 'README.md', 'mine\n'),
    modes: ALL,
    only: 'worktree',
  },
  'a commit and an untracked file in the way': {
    does: async (w) => {
      await agentCommits(w, 'work.txt')
      await agentWrites(w, 'later.txt', 'mine\n')
    },
    modes: ALL,
    only: 'clone',
  },
}

const CASES = Object.entries(OBSTACLES).flatMap(([what, { does, modes, only }]) =>
  CHECKOUTS.filter((strategy) => only === undefined || only === strategy).map((strategy) => ({
    strategy,
    what,
    does,
    modes,
    taskId: `${strategy}-${what.replaceAll(' ', '-')}`,
  })),
)

let stage: Stage
let workspaces: ReadonlyMap<string, Workspace>

// All are made before upstream moves, and the mirror has that before any is refreshed, so that it is fetched once.
beforeAll(async () => {
  const directory = await temporaryDirectory()
  const files = { 'README.md': '# Upstream\n', 'folder/theirs.txt': 'theirs\n' }
  const upstream = await createUpstream(join(directory, 'upstream.git'), { files })
  const freshness = { mode: 'prefer', maxAgeMs: 3_600_000 } as const
  const manager = new WorkspaceManager({ root: join(directory, 'root'), freshness })
  stage = stageOf({ directory, root: manager.root, upstream, manager })
  const made = new Map<string, Workspace>()
  for (const { strategy, taskId } of [...CASES, RESOLVED])
    made.set(taskId, await stage.prepare({ strategy, taskId }))
  workspaces = made
  await upstream.commit('main', { 'README.md': 'theirs\n', 'later.txt': 'theirs\n', folder: 'theirs\n' })
  await stage.prepare({ taskId: 'first', freshness: { mode: 'require', maxAgeMs: 0 } })
})

afterAll(() => stage?.manager.close())

function workspaceOf({ taskId }: { readonly taskId: string }): Workspace {
  const workspace = workspaces.get(taskId)
  if (workspace === undefined) throw new Error(`there is no ${taskId}`)
  return workspace
}

const filesOf = ({ workDir }: Workspace) => snapshotTree(workDir, { ignore: ['.git'] })

/** Everything of the checkout that an agent can tell a difference by. */
async function look(workspace: Workspace) {
  return {
    files: await filesOf(workspace),
    // With the branch, its commit, and the ids of what is staged.
    status: await agentGit(workspace, 'status', '--branch', '--porcelain=v2', '--untracked-files=all'),
    flags: await agentGit(workspace, 'ls-files', '-v'),
    heads: await agentGit(workspace, 'for-each-ref', 'refs/heads'),
  }
}

test.each(CASES)('$what refuses $modes of a $strategy, and is untouched', async (given) => {
  const workspace = workspaceOf(given)
  await given.does(workspace)
  const before = await look(workspace)
  for (const mode of given.modes) {
    const error = await failureOf(workspace.refresh({ mode }))
    expect([mode, error.code]).toEqual([mode, 'NOT_FAST_FORWARD'])
    expect([mode, await filesOf(workspace)]).toEqual([mode, before.files])
  }
  expect(await look(workspace)).toEqual(before)
  expect(await stage.manager.get(workspace.key)).toMatchObject({ base: { commit: workspace.base?.commit } })
})

test('reset refuses while there are unpushed commits, although upstream stands still', async () => {
  const workspace = await stage.prepare({ strategy: 'worktree', taskId: 'still' })
  const commit = await agentCommits(workspace, 'work.txt')
  const error = await failureOf(workspace.refresh({ mode: 'reset' }))
  expect(error).toMatchObject({ code: 'NOT_FAST_FORWARD', data: { commits: [commit] } })
  expect(await agentGit(workspace, 'rev-parse', 'HEAD')).toBe(commit)
})

test('after a refusal the agent can resolve it and refresh again', async () => {
  const workspace = workspaceOf(RESOLVED)
  await agentWrites(workspace, 'README.md', 'mine\n')
  await failureOf(workspace.refresh())
  await agentGit(workspace, 'checkout', '--', 'README.md')
  expect(await workspace.refresh()).toMatchObject({ after: await stage.upstream.head() })
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
})
