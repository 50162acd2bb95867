import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrepareRequest, Workspace } from 'git-task-isolation'
import { beforeEach, describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, upstreamAt } from '../../helpers/upstream.js'
import { copyOfTemplate } from '../../helpers/upstream-templates.js'
import { agentCommits, agentGit, failureOf, newManager, type Stage, stageOf } from '../verbs/stage.js'

let stage: Stage
beforeEach(async () => {
  const directory = await temporaryDirectory()
  const path = join(directory, 'upstream.git')
  await copyOfTemplate(path, { commits: ['one', 'two', 'three', 'four'] }, makeHistory)
  const root = join(directory, 'root')
  const manager = newManager({ root, onUnsavedWork: 'refuse' })
  stage = stageOf({ directory, root, manager, upstream: upstreamAt(path, 'main') })
})

async function makeHistory(path: string): Promise<void> {
  const upstream = await createUpstream(path)
  for (const name of ['one', 'two', 'three', 'four']) {
    await upstream.commit('main', { [`${name}.txt`]: `${name}\n` }, name)
  }
  await upstream.git('tag', '-a', '-m', 'tagged', 'v1', 'main~1')
  await upstream.commit('other', { 'other.txt': 'other\n' })
}

const subjects = (workspace: Workspace, ...revisions: string[]) =>
  agentGit(workspace, 'log', '--format=%s', ...revisions)

describe.each(['borrowed', 'own'] as const)('a shallow clone whose objects are %s', (objects) => {
  const prepare = (request: Partial<PrepareRequest>) => stage.prepare({ objects, ...request })

  test.each([
    [1, 'four'],
    [3, 'four\nthree\ntwo'],
    [50, 'four\nthree\ntwo\none\nFirst commit'],
  ])('shows %i commits of the base and of nothing else', async (depth, expected) => {
    const workspace = await prepare({ depth })
    expect(await subjects(workspace, '--all')).toBe(expected)
    expect(await agentGit(workspace, 'fsck', '--no-dangling', '--connectivity-only')).toBe('')
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  })

  test('leaves the mirror whole', async () => {
    await prepare({ depth: 1 })
    expect(await git(stage.layout.mirrorDir, 'rev-parse', '--is-shallow-repository')).toBe('false')
    expect(await subjects(await prepare({ taskId: 'whole' }))).toContain('First commit')
  })

  test('has the tag that it was made from', async () => {
    const workspace = await prepare({ depth: 1, baseRef: 'v1' })
    expect(await subjects(workspace, '--all')).toBe('three')
    expect(await agentGit(workspace, 'describe')).toBe('v1')
  })

  test('is made from a commit that no branch is at', async () => {
    const commit = await stage.upstream.git('rev-parse', 'main~2')
    expect(await subjects(await prepare({ depth: 2, baseRef: commit }), '--all')).toBe('two\none')
  })

  test('fetches what is new from its origin and nothing older', async () => {
    const workspace = await prepare({ depth: 1 })
    await stage.upstream.commit('main', { 'five.txt': 'five\n' }, 'five')
    await agentGit(workspace, '-c', 'protocol.file.allow=always', 'fetch', '--quiet', 'origin')
    expect(await subjects(workspace, 'origin/main')).toBe('five\nfour')
  })

  test.each([
    'rebase',
    // What has no commits of its own moves on in one way.
    objects === 'own' ? 'reset' : 'fast-forward',
  ] as const)('is refreshed: %s', async (mode) => {
    const workspace = await prepare({ depth: 1 })
    if (mode === 'rebase') await agentCommits(workspace, 'mine.txt')
    await stage.upstream.commit('main', { 'five.txt': 'five\n' }, 'five')
    await stage.upstream.commit('main', { 'four.txt': 'changed\n' }, 'six')
    expect((await workspace.refresh({ mode })).action).toBe('updated')
    const shown = await subjects(workspace, '--all')
    expect(shown).toBe(mode === 'rebase' ? 'Add mine.txt\nsix\nfive\nfour' : 'six\nfive\nfour')
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
    if (objects === 'own') {
      await rename(stage.layout.mirrorDir, `${stage.layout.mirrorDir}-away`)
      expect(await agentGit(workspace, 'fsck', '--no-dangling', '--connectivity-only')).toBe('')
      await rename(`${stage.layout.mirrorDir}-away`, stage.layout.mirrorDir)
    }
  })

  test('is cleaned up, unless it has commits of its own', async () => {
    const workspace = await prepare({ depth: 1 })
    expect((await workspace.cleanup()).action).toBe('removed')
    const other = await prepare({ depth: 1 })
    await agentCommits(other, 'mine.txt')
    expect((await failureOf(other.cleanup())).code).toBe('UNSAVED_WORK')
    await agentGit(other, '-c', 'protocol.file.allow=always', 'push', '--quiet', 'origin', 'HEAD')
    expect((await other.cleanup()).action).toBe('removed')
  })
})

test('merges are cut off by the shortest way, as git does', async () => {
  const tree = await stage.upstream.git('rev-parse', 'main^{tree}')
  const parents = ['-p', 'main', '-p', 'other', '-p', 'main~3']
  const merge = await stage.upstream.git('commit-tree', tree, ...parents, '-m', 'merge')
  await stage.upstream.git('update-ref', 'refs/heads/main', merge)
  const ours = await stage.prepare({ depth: 2 })
  const theirs = join(stage.directory, 'plain-clone')
  await git(stage.directory, 'clone', '--quiet', '--depth', '2', stage.upstream.url, theirs)
  const shallow = await readFile(join(theirs, '.git/shallow'), 'utf8')
  expect(await readFile(join(ours.workDir, '.git/shallow'), 'utf8')).toBe(shallow)
})

test('a shallow source makes clones that end where it ends, or before', async () => {
  const shallowSource = join(stage.directory, 'shallow-source')
  await git(stage.directory, 'clone', '--quiet', '--bare', '--depth', '3', stage.upstream.url, shallowSource)
  const request = { envId: 'other', source: shallowSource }
  expect(await subjects(await stage.prepare({ ...request, depth: 2 }))).toBe('four\nthree')
  const deeper = await stage.prepare({ ...request, taskId: 'deeper', depth: 9, objects: 'own' })
  expect(await subjects(deeper)).toBe('four\nthree\ntwo')
})
