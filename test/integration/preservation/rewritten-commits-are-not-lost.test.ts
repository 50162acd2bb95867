import type { Workspace } from 'git-task-isolation'
import { expect, test } from 'vitest'
import type { Upstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, CHECKOUTS, makeStage } from '../verbs/stage.js'
import { workFoundIn } from './look.js'

type Rewrite = (workspace: Workspace, upstream: Upstream) => Promise<unknown>

/** After each of these what was pushed is all that the branch has, and the first commit is in a reflog alone. */
const REWRITES: Readonly<Record<string, Rewrite>> = {
  'an amended commit': (workspace) =>
    agentGit(workspace, 'commit', '--amend', '--quiet', '-m', 'Better said'),
  'a commit that was rebased': async (workspace, upstream) => {
    await upstream.commit('main', { 'later.txt': 'later\n' })
    await agentGit(workspace, 'pull', '--quiet', '--rebase', 'origin', 'main')
  },
  'a commit that refresh rebased': async (workspace, upstream) => {
    await upstream.commit('main', { 'later.txt': 'later\n' })
    expect(await workspace.refresh({ mode: 'rebase' })).toMatchObject({ action: 'updated' })
  },
}

/** Their reflogs are read in one way, whoever has written them: each of them has one, in turns. */
const CASES = Object.entries(REWRITES).map(([what, rewrite], turn) => ({
  strategy: CHECKOUTS[turn % CHECKOUTS.length] ?? 'clone',
  what,
  rewrite,
}))

test.each(CASES)('$what in a $strategy is found, though its successor was pushed', async (rewritten) => {
  const { prepare, upstream } = await makeStage()
  const workspace = await prepare({ strategy: rewritten.strategy })
  const commit = await agentCommits(workspace, 'work.txt')
  await rewritten.rewrite(workspace, upstream)
  await agentGit(workspace, 'push', '--quiet', '--force', '-u', 'origin', 'HEAD')
  expect(await workFoundIn(workspace)).toMatchObject({ commits: [commit], counts: { commits: 1 } })
  // Nothing is left to find once git itself has forgotten it.
  for (const name of ['ORIG_HEAD', 'REBASE_HEAD']) await agentGit(workspace, 'update-ref', '-d', name)
  await agentGit(workspace, 'reflog', 'expire', '--expire=all', '--all')
  expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
})

test.each(CHECKOUTS)('what git has collected meanwhile is no work in a %s', async (strategy) => {
  const { prepare } = await makeStage()
  const workspace = await prepare({ strategy })
  await agentCommits(workspace, 'work.txt')
  await agentGit(workspace, 'reset', '--quiet', '--hard', 'HEAD~1')
  expect(await workFoundIn(workspace)).toMatchObject({ counts: { commits: 1 } })
  await agentGit(workspace, 'reflog', 'expire', '--expire=all', '--all')
  // Of a mirror no git collects anything, unless it is told to.
  await agentGit(workspace, 'config', 'extensions.preciousObjects', 'false')
  await agentGit(workspace, 'prune', '--expire=now')
  // ORIG_HEAD still names it.
  expect((await agentGit(workspace, 'rev-parse', 'ORIG_HEAD')).length).toBe(40)
  expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
})
