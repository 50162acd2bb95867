import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { beforeEach, describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { createUpstream } from '../../helpers/upstream.js'
import {
  agentCommits,
  agentGit,
  agentWrites,
  CHECKOUTS,
  failureOf,
  KEY,
  makeStage,
  newManager,
  type Stage,
  tryAgentGit,
} from '../verbs/stage.js'

const FILES = {
  'top.txt': 'top\n',
  'src/direct.txt': 'direct\n',
  'src/app/one.txt': 'one\n',
  'src/app/deep/two.txt': 'two\n',
  'src/lib/three.txt': 'three\n',
  'pages/[id]/four.txt': 'four\n',
  'docs/five.txt': 'five\n',
}
const CONE = ['src/app/', 'pages/[id]']
const IN_CONE = [
  'pages/[id]/four.txt',
  'src/app/deep/two.txt',
  'src/app/one.txt',
  'src/direct.txt',
  'top.txt',
]

let stage: Stage
beforeEach(async () => {
  stage = await makeStage({ onUnsavedWork: 'refuse' }, { files: FILES })
})

/** The tracked files that are there, as the file system says. */
async function filesOf(workspace: Workspace): Promise<string[]> {
  const found = await Promise.all(
    Object.keys(FILES).map(async (name) =>
      (await readFile(join(workspace.workDir, name)).catch(() => undefined)) ? [name] : [],
    ),
  )
  return found.flat().sort()
}

describe.each(CHECKOUTS)('a sparse checkout: %s', (strategy) => {
  test('has the files of its folders and those directly above them', async () => {
    const workspace = await stage.prepare({ strategy, sparse: CONE })
    expect(await filesOf(workspace)).toEqual(IN_CONE)
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
    expect(await agentGit(workspace, 'ls-files')).toBe(Object.keys(FILES).sort().join('\n'))
    expect(await agentGit(workspace, 'sparse-checkout', 'list')).toBe('pages/[id]\nsrc/app')
  })

  test('says nothing about a second workspace, before and after an agent changes its cone', async () => {
    const sparse = await stage.prepare({ strategy, sparse: CONE })
    const narrow = await stage.prepare({ taskId: 'narrow', strategy, sparse: ['docs'] })
    const whole = await stage.prepare({ taskId: 'whole', strategy })
    await agentGit(sparse, 'sparse-checkout', 'set', 'src/lib')
    expect(await filesOf(whole)).toEqual(Object.keys(FILES).sort())
    for (const workspace of [narrow, whole]) {
      expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
      await agentGit(workspace, 'checkout', '--quiet', '--detach')
    }
    expect(await filesOf(narrow)).toEqual(['docs/five.txt', 'top.txt'])
    expect(await filesOf(whole)).toEqual(Object.keys(FILES).sort())
  })

  test('is refreshed in its cone, also where the agent has widened it', async () => {
    const workspace = await stage.prepare({ strategy, sparse: CONE })
    await agentGit(workspace, 'sparse-checkout', 'add', 'docs')
    await stage.upstream.commit('main', {
      'src/app/one.txt': 'new\n',
      'src/lib/three.txt': 'new\n',
      'src/lib/new.txt': 'new\n',
      'docs/five.txt': 'new\n',
    })
    expect((await workspace.refresh()).action).toBe('updated')
    expect(await filesOf(workspace)).toEqual([...IN_CONE, 'docs/five.txt'].sort())
    expect(await readFile(join(workspace.workDir, 'docs/five.txt'), 'utf8')).toBe('new\n')
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  })

  test('is no unsaved work, which changes inside and outside of the cone are', async () => {
    const untouched = await stage.prepare({ strategy, sparse: CONE })
    expect((await untouched.cleanup()).action).toBe('removed')
    const inside = await stage.prepare({ strategy, sparse: CONE })
    await agentWrites(inside, 'src/app/one.txt', 'changed\n')
    expect((await failureOf(inside.cleanup())).code).toBe('UNSAVED_WORK')
    const outside = await stage.prepare({ taskId: 'outside', strategy, sparse: CONE })
    await mkdir(join(outside.workDir, 'src/lib'))
    await agentWrites(outside, 'src/lib/three.txt', 'written by hand\n')
    expect((await failureOf(outside.cleanup())).code).toBe('UNSAVED_WORK')
  })
})

test('a sparse checkout keeps its cone when the agent changes branches, and can be widened', async () => {
  const strategy = 'worktree'
  const workspace = await stage.prepare({ strategy, sparse: CONE })
  await agentGit(workspace, 'checkout', '--quiet', '-b', 'other')
  expect(await filesOf(workspace)).toEqual(IN_CONE)
  await agentGit(workspace, 'sparse-checkout', 'add', 'docs')
  expect(await filesOf(workspace)).toEqual([...IN_CONE, 'docs/five.txt'].sort())
})

test('a sparse checkout replays commits of the agent', async () => {
  const strategy = 'clone'
  const workspace = await stage.prepare({ strategy, sparse: CONE })
  await agentCommits(workspace, 'src/app/mine.txt')
  await stage.upstream.commit('main', { 'src/lib/three.txt': 'new\n' })
  expect((await workspace.refresh({ mode: 'rebase' })).action).toBe('updated')
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  expect(await agentGit(workspace, 'diff', '--name-only', 'HEAD~1')).toBe('src/app/mine.txt')
})

test('a sparse checkout misses nothing that an agent has fetched outside of its cone', async () => {
  const strategy = 'worktree'
  const workspace = await stage.prepare({ strategy, sparse: CONE })
  await stage.upstream.commit('main', { 'src/lib/new.txt': 'new\n', 'src/app/new.txt': 'new\n' })
  const source = ['-c', 'protocol.file.allow=always', 'fetch', '--quiet', 'origin']
  await agentGit(workspace, ...source)
  await agentGit(workspace, 'merge', '--quiet', '--ff-only', 'origin/main')
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  await stage.upstream.commit('main', { 'src/lib/newer.txt': 'newer\n' })
  expect((await workspace.refresh()).action).toBe('updated')
  expect((await workspace.cleanup()).action).toBe('removed')
})

test('a sparse checkout is handed out again as it is, and not in another shape', async () => {
  const strategy = 'clone'
  await stage.prepare({ strategy, sparse: CONE })
  const again = await stage.prepare({ strategy, sparse: [...CONE].reverse() })
  expect(again.reused).toBe(true)
  expect(await agentGit(again, 'sparse-checkout', 'list')).toBe('pages/[id]\nsrc/app')
  expect((await stage.prepare({ strategy })).reused).toBe(true)
  const failure = await failureOf(stage.prepare({ strategy, sparse: ['docs'] }))
  expect(failure.code).toBe('SESSION_TAKEN')
  expect(failure.message).toContain('sparse')
})

test("a sparse worktree leaves the configuration of the caller's repository as it is", async () => {
  const upstream = await createUpstream(join(stage.directory, 'mine'), { files: FILES, bare: false })
  const before = await readFile(join(upstream.path, '.git/config'))
  const manager = newManager({ root: join(stage.directory, 'other-root') })
  const workspace = await manager.prepare({
    ...KEY,
    source: upstream.path,
    strategy: 'worktree',
    sparse: CONE,
  })
  expect(await filesOf(workspace)).toEqual(IN_CONE)
  expect(await readFile(join(upstream.path, '.git/config'))).toEqual(before)
  expect(await git(upstream.path, 'status', '--porcelain')).toBe('')
})

test('without the environment of the task its git still sees nothing deleted', async () => {
  const workspace = await stage.prepare({ strategy: 'worktree', sparse: CONE })
  await writeFile(join(workspace.workDir, 'top.txt'), 'changed\n')
  const { stdout } = await tryAgentGit(workspace, ['status', '--porcelain'], {
    GIT_CONFIG_GLOBAL: '/dev/null',
  })
  expect(stdout).toBe(' M top.txt')
})
