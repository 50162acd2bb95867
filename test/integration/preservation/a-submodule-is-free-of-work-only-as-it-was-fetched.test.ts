import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { beforeAll, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, makeStage, type Stage } from '../verbs/stage.js'
import { workFoundIn } from './look.js'

const allowed = ['-c', 'protocol.file.allow=always']

let prepared: Upstream

/** Made once, since `git submodule` is a script of dozens of processes. */
beforeAll(async () => {
  const directory = await temporaryDirectory()
  const library = await createUpstream(join(directory, 'lib.git'), { files: { 'lib.txt': 'lib\n' } })
  const upstream = await createUpstream(join(directory, 'upstream.git'))
  const work = join(directory, 'work')
  await upstream.git('clone', '--quiet', '.', work)
  await upstream.git('-C', work, ...allowed, 'submodule', '--quiet', 'add', library.url, 'lib')
  await upstream.git('-C', work, 'commit', '--quiet', '-m', 'Add the library')
  await upstream.git('-C', work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main')
  prepared = upstream
})

/** An upstream with a submodule `lib` that has one file. */
async function stageWithSubmodule(): Promise<Stage> {
  const stage = await makeStage()
  await cp(prepared.path, stage.upstream.path, { recursive: true })
  return stage
}

const inLib = (workspace: Workspace, ...args: string[]) => agentGit(workspace, '-C', 'lib', ...args)

const WORK: Readonly<Record<string, (workspace: Workspace) => Promise<unknown>>> = {
  'a commit': (w) => inLib(w, 'commit', '--quiet', '--allow-empty', '-m', 'Work'),
  'a commit that only a reflog names': async (w) => {
    await inLib(w, 'commit', '--quiet', '--allow-empty', '-m', 'Work')
    await inLib(w, 'reset', '--quiet', '--hard', 'HEAD~1')
  },
  'a commit on another branch': async (w) => {
    await inLib(w, 'checkout', '--quiet', '-b', 'side')
    await inLib(w, 'commit', '--quiet', '--allow-empty', '-m', 'Work')
    await inLib(w, 'checkout', '--quiet', '--detach', 'HEAD~1')
  },
  'a stash': async (w) => {
    await agentWrites(w, 'lib/lib.txt', 'changed\n')
    await inLib(w, 'stash', '--quiet')
  },
  'a worktree in a folder that it ignores': async (w) => {
    await mkdir(join(w.workDir, 'lib/own'))
    await agentWrites(w, 'lib/own/.gitignore', '*\n')
    await inLib(w, 'worktree', 'add', '--quiet', '--detach', 'own/wt')
  },
  'notes in its git dir': (w) => agentWrites(w, '.git/modules/lib/notes'),
  'an edit that its index hides': async (w) => {
    await inLib(w, 'update-index', '--skip-worktree', 'lib.txt')
    await agentWrites(w, 'lib/lib.txt', 'BIL\n')
    expect(await agentGit(w, 'status', '--porcelain')).toBe('')
  },
  'a staged change that the file no longer has': async (w) => {
    await agentWrites(w, 'lib/lib.txt', 'staged\n')
    await inLib(w, 'add', 'lib.txt')
    await agentWrites(w, 'lib/lib.txt', 'lib\n')
  },
  'an untracked file': (w) => agentWrites(w, 'lib/new.txt'),
  'a repository inside it': (w) => inLib(w, 'init', '--quiet', 'inner'),
  'a bisection': (w) => inLib(w, 'bisect', 'start'),
  'a git dir that is nowhere': (w) => writeFile(join(w.workDir, 'lib/.git'), 'gitdir: ../../elsewhere\n'),
  'files, and no git dir': (w) => rm(join(w.workDir, 'lib/.git')),
}

const AS_IT_IS = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true }

describe.each(CHECKOUTS.slice(0, 1))('in a %s', (strategy) => {
  test('work of any kind in it counts', { timeout: 120_000 }, async () => {
    const { directory, prepare } = await stageWithSubmodule()
    const workspace = await prepare({ strategy })
    await agentGit(workspace, ...allowed, 'submodule', '--quiet', 'update', '--init')
    const fetched = join(directory, 'fetched')
    await cp(workspace.workDir, fetched, AS_IT_IS)
    for (const [what, does] of Object.entries(WORK)) {
      await rm(workspace.workDir, { recursive: true })
      await cp(fetched, workspace.workDir, AS_IT_IS)
      await does(workspace)
      const found = await workFoundIn(workspace)
      expect(found, what).toMatchObject({ nested: ['lib'], changedFiles: [], unknown: [] })
    }
  })

  test('one that was only initialised keeps nothing', async () => {
    const { prepare } = await stageWithSubmodule()
    const workspace = await prepare({ strategy })
    await agentGit(workspace, ...allowed, 'submodule', '--quiet', 'update', '--init')
    expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
  })

  test('one that was only initialised keeps nothing beside commits that were pushed', async () => {
    const { prepare } = await stageWithSubmodule()
    const workspace = await prepare({ strategy })
    await agentGit(workspace, ...allowed, 'submodule', '--quiet', 'update', '--init')
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', 'origin', 'HEAD')
    expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
  })

  test('one that was never initialised keeps nothing, and files in its place count', async () => {
    const { prepare } = await stageWithSubmodule()
    const workspace = await prepare({ strategy })
    await agentWrites(workspace, 'lib/new.txt')
    expect(await workFoundIn(workspace)).toMatchObject({ nested: ['lib'] })
    await rm(join(workspace.workDir, 'lib/new.txt'))
    expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
  })

  test('one that is no longer checked out keeps what it has', async () => {
    const { prepare } = await stageWithSubmodule()
    const workspace = await prepare({ strategy })
    await agentGit(workspace, ...allowed, 'submodule', '--quiet', 'update', '--init')
    await inLib(workspace, 'commit', '--quiet', '--allow-empty', '-m', 'Work')
    await inLib(workspace, 'checkout', '--quiet', 'HEAD~1')
    await agentGit(workspace, 'submodule', '--quiet', 'deinit', 'lib')
    const { unknown } = await workFoundIn(workspace)
    expect(unknown).toEqual([expect.stringContaining('"lib"')])
    // Without the commit there is nothing in it that the library does not have.
    await agentGit(workspace, ...allowed, 'submodule', '--quiet', 'update', '--init')
    await inLib(workspace, 'reflog', 'expire', '--expire=all', '--all')
    await agentGit(workspace, 'submodule', '--quiet', 'deinit', 'lib')
    expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
  })

  test('a commit of the agent that names another commit of it is no evidence', async () => {
    const { prepare } = await stageWithSubmodule()
    const workspace = await prepare({ strategy })
    await agentGit(workspace, ...allowed, 'submodule', '--quiet', 'update', '--init')
    await inLib(workspace, 'commit', '--quiet', '--allow-empty', '-m', 'Never pushed')
    await agentGit(workspace, 'commit', '--quiet', '-a', '-m', 'Use it')
    await agentGit(workspace, 'push', '--quiet', 'origin', 'HEAD')
    expect(await workFoundIn(workspace)).toMatchObject({ commits: [], nested: ['lib'] })
  })
})
