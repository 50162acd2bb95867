import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { namesIn } from '../../../src/fs/presence.js'
import { repositoriesInResults } from '../../../src/preservation/repositories-in-results.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentCommits, agentGit, agentWrites, failureOf, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const CASES = [
  { strategy: 'clone', place: 'work2' },
  { strategy: 'clone', place: 'output/a/b/c/d/e/f/work2' },
  { strategy: 'worktree', place: 'output/work2' },
  { strategy: 'directory', place: 'work2' },
] as const

it.each(CASES)('a $strategy that was moved to $place is named, archived, and comes back', async (given) => {
  const { strategy, place } = given
  const stage = await makeWarmStage()
  const source = strategy === 'directory' ? { source: undefined } : {}
  const workspace = await stage.prepare({ strategy, ...source })
  const commit = strategy === 'directory' ? '' : await agentCommits(workspace, 'committed.txt')
  await agentWrites(workspace, 'untracked.txt')
  const moved = join(workspace.rootDir, place)
  await mkdir(dirname(moved), { recursive: true })
  await rename(workspace.workDir, moved)
  const ignore = strategy === 'worktree' ? ['.git'] : []
  const before = await snapshotTree(moved)
  const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  expect(error).toMatchObject({ code: 'UNSAVED_WORK', data: { changedFiles: [`../${place}`] } })
  expect(await snapshotTree(moved)).toEqual(before)
  expect(await workspace.cleanup()).toMatchObject({ archive: expect.anything() })
  const restored = await stage.manager.restore(KEY)
  for (const name of ignore) delete before[name]
  expect(await snapshotTree(moved, { ignore })).toEqual(before)
  if (strategy === 'clone') expect(await agentGit(restored, '-C', moved, 'rev-parse', 'HEAD')).toBe(commit)
  if (strategy === 'worktree') expect(await agentGit(restored, 'rev-parse', 'HEAD')).toBe(commit)
})

it('a checkout that is gone takes nothing beside it along', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  await writeFile(join(workspace.rootDir, 'notes.txt'), 'mine\n')
  await rm(workspace.workDir, { recursive: true })
  const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  expect(error).toMatchObject({ code: 'UNSAVED_WORK', data: { changedFiles: ['../notes.txt'] } })
  expect(await workspace.cleanup()).toMatchObject({ archive: { contains: { untracked: 1 } } })
})

it('a repository that was moved among the results, while another stands in its place, comes back', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  const commit = await agentCommits(workspace, 'committed.txt')
  const moved = join(workspace.stateDir, 'old.git')
  await rename(join(workspace.workDir, '.git'), moved)
  await agentGit(workspace, 'init', '--quiet')
  const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  expect(error).toMatchObject({ data: { changedFiles: expect.arrayContaining(['../state/old.git']) } })
  await workspace.cleanup()
  expect(await agentGit(await stage.manager.restore(KEY), `--git-dir=${moved}`, 'rev-parse', 'HEAD')).toBe(
    commit,
  )
})

it('a repository among the results counts for its own commits, and not for those it has fetched', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  const folder = (name: string) => join(workspace.outputDir, name)
  await agentGit(workspace, 'clone', '--quiet', stage.upstream.path, folder('fetched'))
  expect(await workspace.cleanup({ dryRun: true })).toMatchObject({
    action: 'removed',
    unsavedWork: undefined,
  })
  const own = folder('a/b/c/fetched/d/e/own')
  await agentGit(workspace, 'clone', '--quiet', stage.upstream.path, folder('a/b/c/fetched'))
  await agentGit(workspace, 'clone', '--quiet', stage.upstream.path, own)
  await agentGit(workspace, '-C', own, 'commit', '--quiet', '--allow-empty', '-m', 'own')
  await writeFile(join(folder('a'), 'report.txt'), 'a result\n')
  const before = await snapshotTree(own)
  expect(await workspace.cleanup()).toMatchObject({ archive: expect.anything() })
  await stage.manager.restore(KEY)
  expect(await snapshotTree(own)).toEqual(before)
  expect(await namesIn(folder('a/b/c/fetched'))).toEqual(['d'])
  expect(await namesIn(folder('a'))).toEqual(['b'])
  expect(await namesIn(workspace.outputDir)).toEqual(['a'])
})

it('a repository among the results counts for commits that only its submodule, worktree or reflog has', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  const inside =
    (path: string) =>
    (...args: string[]) =>
      agentGit(workspace, '-C', join(workspace.outputDir, path), ...args)
  const { path: library } = stage.upstream
  for (const name of ['submodule', 'worktree', 'reflog', 'pushed'])
    await agentGit(workspace, 'clone', '--quiet', library, join(workspace.outputDir, name))
  const submodule = ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '--name', 'a/b']
  await inside('submodule')(...submodule, library, 'sub')
  await inside('worktree')('worktree', 'add', '--quiet', '--detach', 'wt')
  expect(await workspace.cleanup({ dryRun: true })).toMatchObject({ unsavedWork: undefined })
  for (const path of ['submodule/sub', 'worktree/wt', 'reflog', 'pushed']) {
    if (path !== 'pushed') await inside(path)('checkout', '--quiet', '--detach')
    await inside(path)('commit', '--quiet', '--allow-empty', '-m', 'own')
    await inside(path)('commit', '--quiet', '--allow-empty', '-m', 'more')
    if (path !== 'worktree/wt' && path !== 'pushed') await inside(path)('checkout', '--quiet', 'main')
  }
  await inside('pushed')('push', '--quiet', 'origin', 'HEAD:refs/heads/pushed')
  const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  expect(error).toMatchObject({
    data: { changedFiles: ['../output/reflog', '../output/submodule', '../output/worktree'] },
  })
  await workspace.cleanup()
  await stage.manager.restore(KEY)
  for (const path of ['submodule/sub', 'worktree/wt', 'reflog'])
    expect(await inside(path)('log', '-g', '--format=%s')).toContain('own')
})

it('a look through the results can be stopped', async () => {
  const look = { rootDir: '/nowhere', checkout: 'in place', signal: AbortSignal.abort() } as const
  await expect(repositoriesInResults(look)).rejects.toMatchObject({ code: 'ABORTED' })
})
