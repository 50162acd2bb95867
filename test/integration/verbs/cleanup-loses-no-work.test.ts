import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from './presence.js'
import { agentCommits, agentGit, agentWrites, failureOf } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

interface Work {
  readonly what: string
  readonly strategy: 'clone' | 'worktree'
  readonly does: (workspace: Workspace) => Promise<unknown>
  /** What the error has to name. */
  readonly found: object
}

const files = (...changedFiles: string[]) => ({ changedFiles, commits: [], stashes: 0 })
const oneCommit = { commits: [expect.stringMatching(/^[0-9a-f]{40}$/)], changedFiles: [], stashes: 0 }

/** One of each sort; every kind is looked for in every-kind-of-unsaved-work-is-found. */
const CASES: readonly Work[] = [
  {
    what: 'an untracked folder',
    strategy: 'clone',
    does: async (w) => {
      await mkdir(join(w.workDir, 'new'))
      await agentWrites(w, 'new/file.txt')
    },
    found: files('new/file.txt'),
  },
  {
    what: 'an unpushed commit',
    strategy: 'worktree',
    does: (w) => agentCommits(w, 'work.txt'),
    found: oneCommit,
  },
  {
    what: 'a commit that only a tag has',
    // Worktrees keep it in the repository that they share.
    strategy: 'clone',
    does: async (w) => {
      await agentCommits(w, 'work.txt')
      await agentGit(w, 'tag', '-a', '-m', 'Keep', 'keep')
      await agentGit(w, 'reset', '--quiet', '--hard', 'HEAD~1')
      await agentGit(w, 'update-ref', '-d', 'ORIG_HEAD')
      await agentGit(w, 'reflog', 'expire', '--expire=all', '--all')
    },
    found: oneCommit,
  },
  {
    what: 'a stash',
    strategy: 'worktree',
    does: async (w) => {
      await agentWrites(w, 'README.md', 'stashed\n')
      await agentGit(w, 'stash', '--quiet')
    },
    found: { changedFiles: [], stashes: 1 },
  },
]

test.each(CASES)('$what in a $strategy is refused, named, and left as it is', async (work) => {
  const { manager, prepare } = await makeWarmStage({ onUnsavedWork: 'refuse' })
  const workspace = await prepare({ strategy: work.strategy })
  await work.does(workspace)
  const before = await snapshotTree(workspace.rootDir, { mtime: true })
  const failed: unknown[] = []
  manager.on('cleanup.failed', (event) => failed.push(event))
  const error = await failureOf(workspace.cleanup())
  expect(error).toMatchObject({
    code: 'UNSAVED_WORK',
    data: { workDir: workspace.workDir, unknown: [], ...work.found },
  })
  expect(failed).toMatchObject([{ key: workspace.key, code: 'UNSAVED_WORK' }])
  expect(await snapshotTree(workspace.rootDir, { mtime: true })).toEqual(before)
  expect(await manager.list()).toMatchObject([{ state: 'ready' }])
  // Only who says so loses it.
  expect(await workspace.cleanup({ onUnsavedWork: 'discard' })).toMatchObject({ action: 'removed' })
  expect(await isThere(workspace.rootDir)).toBe(false)
})

test('a file in a plain directory is refused, whatever its name', async () => {
  const { manager } = await makeWarmStage({ onUnsavedWork: 'refuse' })
  const workspace = await manager.prepare({ envId: 'plain', taskId: 'task-1' })
  for (const name of ['file.txt', '.hidden']) {
    await writeFile(join(workspace.workDir, name), 'work\n')
    const error = await failureOf(workspace.cleanup())
    expect(error).toMatchObject({ code: 'UNSAVED_WORK', data: { changedFiles: [name] } })
    expect(await isThere(join(workspace.workDir, name))).toBe(true)
    await rm(join(workspace.workDir, name))
  }
  await writeFile(join(workspace.workDir, 'file.txt'), 'work\n')
  expect(await workspace.cleanup({ onUnsavedWork: 'discard' })).toMatchObject({ action: 'removed' })
})
