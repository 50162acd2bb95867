import { appendFile, chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from './presence.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

interface Work {
  readonly does: (workspace: Workspace) => Promise<unknown>
  /** What the error has to name. */
  readonly found: object
  /** Worktrees keep it in the repository that they share. */
  readonly only?: 'clone'
}

const files = (...changedFiles: string[]) => ({ changedFiles, commits: [], stashes: 0 })
const oneCommit = { commits: [expect.stringMatching(/^[0-9a-f]{40}$/)], changedFiles: [], stashes: 0 }

async function hides(workspace: Workspace, flag: string): Promise<void> {
  await agentGit(workspace, 'update-index', flag, 'README.md')
  await agentWrites(workspace, 'README.md', 'hidden edit\n')
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
}

const WORK: Record<string, Work> = {
  'a changed file': { does: (w) => agentWrites(w, 'README.md', 'changed\n'), found: files('README.md') },
  'a deleted file': { does: (w) => rm(join(w.workDir, 'README.md')), found: files('README.md') },
  'a changed mode': { does: (w) => chmod(join(w.workDir, 'README.md'), 0o755), found: files('README.md') },
  'an untracked file': { does: (w) => agentWrites(w, 'new file.txt'), found: files('new file.txt') },
  'an untracked folder': {
    does: async (w) => {
      await mkdir(join(w.workDir, 'new'))
      await agentWrites(w, 'new/file.txt')
    },
    found: files('new/file.txt'),
  },
  'a change that is only staged': {
    does: async (w) => {
      await agentWrites(w, 'README.md', 'staged\n')
      await agentGit(w, 'add', 'README.md')
      await agentWrites(w, 'README.md', '# Upstream\n')
    },
    found: files('README.md'),
  },
  'an edit that skip-worktree hides': { does: (w) => hides(w, '--skip-worktree'), found: files('README.md') },
  'an edit that assume-unchanged hides': {
    does: (w) => hides(w, '--assume-unchanged'),
    found: files('README.md'),
  },
  'a file that info/exclude hides': {
    does: async (w) => {
      const exclude = await agentGit(w, 'rev-parse', '--git-path', 'info/exclude')
      await mkdir(join(w.workDir, exclude, '..'), { recursive: true })
      await appendFile(join(w.workDir, exclude), 'hidden.txt\n')
      await agentWrites(w, 'hidden.txt')
    },
    found: files('hidden.txt'),
    only: 'clone',
  },
  'an unpushed commit': { does: (w) => agentCommits(w, 'work.txt'), found: oneCommit },
  'a commit on a detached HEAD': {
    does: async (w) => {
      await agentGit(w, 'checkout', '--quiet', '--detach')
      await agentCommits(w, 'work.txt')
    },
    found: oneCommit,
  },
  'a commit on a second branch': {
    does: async (w) => {
      await agentGit(w, 'checkout', '--quiet', '-b', 'side')
      await agentCommits(w, 'work.txt')
      await agentGit(w, 'checkout', '--quiet', '-')
    },
    found: oneCommit,
  },
  'a commit that only a tag has': {
    does: async (w) => {
      await agentCommits(w, 'work.txt')
      await agentGit(w, 'tag', '-a', '-m', 'Keep', 'keep')
      await agentGit(w, 'reset', '--quiet', '--hard', 'HEAD~1')
      await agentGit(w, 'update-ref', '-d', 'ORIG_HEAD')
      await agentGit(w, 'reflog', 'expire', '--expire=all', '--all')
    },
    found: oneCommit,
    only: 'clone',
  },
  'a stash': {
    does: async (w) => {
      await agentWrites(w, 'README.md', 'stashed\n')
      await agentGit(w, 'stash', '--quiet')
    },
    found: { changedFiles: [], stashes: 1 },
  },
}

const CASES = CHECKOUTS.flatMap((strategy) =>
  Object.entries(WORK)
    .filter(([, { only }]) => only === undefined || only === strategy)
    .map(([what, work]) => ({ strategy, what, ...work })),
)

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

describe('in a plain directory', () => {
  test.each(['file.txt', '.hidden'])('%s is refused', async (name) => {
    const { manager } = await makeWarmStage({ onUnsavedWork: 'refuse' })
    const workspace = await manager.prepare({ envId: 'plain', taskId: 'task-1' })
    await writeFile(join(workspace.workDir, name), 'work\n')
    const error = await failureOf(workspace.cleanup())
    expect(error).toMatchObject({ code: 'UNSAVED_WORK', data: { changedFiles: [name] } })
    expect(await isThere(join(workspace.workDir, name))).toBe(true)
    expect(await workspace.cleanup({ onUnsavedWork: 'discard' })).toMatchObject({ action: 'removed' })
  })
})
