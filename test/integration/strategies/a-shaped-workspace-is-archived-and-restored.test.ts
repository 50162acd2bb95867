import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { workFoundIn } from '../preservation/look.js'
import { isThere } from '../verbs/presence.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, KEY, makeStage } from '../verbs/stage.js'

const FILES = { 'top.txt': 'top\n', 'src/app/one.txt': 'one\n', 'src/lib/two.txt': 'two\n' }

test.each(CHECKOUTS)('with its cone and what was written outside of it: %s', async (strategy) => {
  const stage = await makeStage({}, { files: FILES })
  await stage.upstream.git('config', 'uploadpack.allowFilter', 'true')
  const workspace = await stage.prepare({ strategy, sparse: ['src/app'], filter: 'blob:none' })
  await agentCommits(workspace, 'src/app/mine.txt')
  await mkdir(join(workspace.workDir, 'src/lib'))
  await agentWrites(workspace, 'src/lib/two.txt', 'by hand\n')
  expect((await workspace.cleanup({ onUnsavedWork: 'archive' })).action).toBe('removed')
  const restored = await stage.manager.restore(KEY)
  expect(await readFile(join(restored.workDir, 'src/lib/two.txt'), 'utf8')).toBe('by hand\n')
  expect(await agentGit(restored, 'log', '--format=%s')).toBe('Add src/app/mine.txt\nFirst commit')
  expect(await agentGit(restored, 'sparse-checkout', 'list')).toBe('src/app')
})

test.each(CHECKOUTS.slice(0, 1))(
  'with what was deleted outside of a cone that the agent gave up: %s',
  async (strategy) => {
    const stage = await makeStage({}, { files: FILES })
    const workspace = await stage.prepare({ strategy, sparse: ['src/app'] })
    await agentGit(workspace, 'sparse-checkout', 'disable')
    await rm(join(workspace.workDir, 'src/lib/two.txt'))
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe(' D src/lib/two.txt')
    expect(await workFoundIn(workspace)).toMatchObject({ changedFiles: ['src/lib/two.txt'] })
    await workspace.cleanup()
    const restored = await stage.manager.restore(KEY)
    expect(await isThere(join(restored.workDir, 'src/lib/two.txt'))).toBe(false)
    expect(await agentGit(restored, 'status', '--porcelain')).toBe(' D src/lib/two.txt')
  },
)

test('with the history that an agent has fetched besides, whose objects are its own', async () => {
  const stage = await makeStage({}, { files: FILES })
  await stage.upstream.commit('main', { 'new.txt': 'new\n' })
  const workspace = await stage.prepare({ depth: 1, objects: 'own' })
  await agentGit(workspace, 'fetch', '--quiet', '--unshallow')
  await agentGit(workspace, 'checkout', '--quiet', '-b', 'old', 'HEAD~1')
  await agentCommits(workspace, 'mine.txt')
  const log = ['log', '--all', '--format=%h %s %d']
  const before = await agentGit(workspace, ...log)
  await workspace.cleanup()
  const restored = await stage.manager.restore(KEY)
  expect(await agentGit(restored, ...log)).toBe(before)
  expect(await agentGit(restored, 'fsck', '--no-dangling')).toBe('')
})

test('with objects of its own, though the mirror was gone when it was archived', async () => {
  const stage = await makeStage({}, { files: FILES })
  const workspace = await stage.prepare({ objects: 'own' })
  const commit = await agentCommits(workspace, 'mine.txt')
  await rm(stage.layout.mirrorDir, { recursive: true })
  await workspace.cleanup()
  const restored = await stage.manager.restore(KEY)
  expect(await agentGit(restored, 'rev-parse', 'HEAD')).toBe(commit)
  // What an agent does to its own repository is not done to the archive.
  const packs = join(restored.workDir, '.git/objects/pack')
  for (const name of await readdir(packs)) expect((await stat(join(packs, name))).nlink).toBe(1)
})
