import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SweepDecision, Workspace } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { namesIn } from '../../../src/fs/presence.js'
import { emptiedTrash } from '../../helpers/emptied-trash.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from '../verbs/presence.js'
import { agentCommits, agentGit, agentWrites, makeStage, type Stage } from '../verbs/stage.js'
import { inDays } from './set-back.js'

const noIndexes = (decisions: readonly SweepDecision[]) =>
  decisions.filter(({ kind }) => kind !== 'temporary')

const LATER = { now: inDays(8) } as const

/** A workspace with work in it whose record is gone. */
async function orphan(
  strategy: string,
): Promise<{ stage: Stage; workspace: Workspace; commit: string | undefined }> {
  const stage = await makeStage()
  const isPlain = strategy === 'directory'
  const workspace = await stage.prepare({ strategy, ...(isPlain && { source: undefined }) })
  await agentWrites(workspace, 'untracked.txt')
  const commit = isPlain ? undefined : await agentCommits(workspace, 'work.txt')
  await rm(join(stage.layout.sessionsDir, 'task-1.json'))
  return { stage, workspace, commit }
}

describe.each(['clone', 'worktree', 'directory'])('a checkout (%s)', (strategy) => {
  test.skipIf(strategy === 'directory')('stays while anything in it is young', async () => {
    const { stage, workspace } = await orphan(strategy)
    const { decisions } = await stage.manager.sweep({ now: inDays(6) })
    expect(decisions).toContainEqual(
      expect.objectContaining({ kind: 'orphan-directory', action: 'keep', attention: 'needed' }),
    )
    expect(await isThere(join(workspace.workDir, 'untracked.txt'))).toBe(true)
  })

  test('is archived and then removed like any other when it is old', async () => {
    const { stage, workspace, commit } = await orphan(strategy)
    const plan = await stage.manager.sweep({ ...LATER, dryRun: true })
    const { decisions, failed } = await stage.manager.sweep(LATER)
    expect(failed).toBe(0)
    const kinds = (all: typeof decisions) =>
      all.filter(({ kind }) => kind === 'orphan-directory').map(({ action, reason }) => [action, reason])
    expect(kinds(decisions)).toEqual(kinds(plan.decisions))
    expect(kinds(decisions)).toMatchObject([['remove', expect.stringContaining('without a record')]])
    expect(await isThere(workspace.rootDir)).toBe(false)
    expect(await emptiedTrash(stage.layout.trashDir)).toEqual([])
    const [archive] = await stage.manager.archives({ envId: 'shop' })
    expect(archive).toMatchObject({ taskId: 'task-1', contains: { untracked: 1 } })
    if (commit !== undefined) expect(archive?.headCommit).toBe(commit)
    expect(await stage.manager.list()).toEqual([])
    expect(await namesIn(join(stage.layout.mirrorDir, 'worktrees'))).toEqual([])
    const again = await stage.manager.sweep(LATER)
    expect(again.decisions.filter(({ kind }) => kind !== 'archive')).toEqual([])
  })

  test('comes back from that archive', async () => {
    const { stage, workspace, commit } = await orphan(strategy)
    const before = await snapshotTree(workspace.workDir, { ignore: ['.git'] })
    await stage.manager.sweep({ ...LATER, archiveMaxAgeDays: 1000 })
    const restored = await stage.manager.restore(workspace.key)
    expect(await snapshotTree(restored.workDir, { ignore: ['.git'] })).toEqual(before)
    if (commit !== undefined) expect(await agentGit(restored, 'rev-parse', 'HEAD')).toBe(commit)
  })

  test('stays without a record where its work cannot be archived', async () => {
    const { stage, workspace } = await orphan(strategy)
    await writeFile(stage.layout.archivesRepository, 'in the way')
    const { decisions } = await stage.manager.sweep(LATER)
    expect(decisions.find(({ kind }) => kind === 'orphan-directory')?.error).toContain('ARCHIVE_FAILED')
    expect(await isThere(join(workspace.workDir, 'untracked.txt'))).toBe(true)
    expect(await stage.manager.list()).toEqual([])
  })
})

test('a checkout that cannot be told for what it was stays', async () => {
  const { stage, workspace } = await orphan('worktree')
  await rm(join(stage.layout.mirrorDir, 'worktrees'), { recursive: true })
  const { decisions } = await stage.manager.sweep(LATER)
  expect(noIndexes(decisions)).toMatchObject([
    { kind: 'orphan-directory', action: 'keep', attention: 'needed' },
  ])
  expect(await isThere(workspace.workDir)).toBe(true)
})

test('what an agent had moved its checkout to is not taken for results that a cleanup kept', async () => {
  const { stage, workspace } = await orphan('clone')
  await rename(workspace.workDir, join(workspace.outputDir, 'moved'))
  const { decisions } = await stage.manager.sweep(LATER)
  expect(noIndexes(decisions)).toMatchObject([
    { kind: 'orphan-directory', action: 'keep', attention: 'needed' },
  ])
  expect(await isThere(join(workspace.outputDir, 'moved/untracked.txt'))).toBe(true)
})

test('output and logs that a cleanup kept go when they are old', async () => {
  const { prepare, manager } = await makeStage()
  const workspace = await prepare()
  await writeFile(join(workspace.outputDir, 'result'), 'x')
  await workspace.cleanup({ keep: 'artifacts' })
  const young = await manager.sweep({ now: inDays(6) })
  expect(young.decisions).toMatchObject([{ kind: 'orphan-directory', action: 'keep' }])
  expect(young.decisions[0]?.attention).toBeUndefined()
  const { decisions } = await manager.sweep(LATER)
  expect(decisions).toMatchObject([{ kind: 'orphan-directory', action: 'remove' }])
  expect(await isThere(workspace.rootDir)).toBe(false)
})

test('a registration without a checkout goes when it is old, and a commit that only it has is archived', async () => {
  const { stage, workspace, commit } = await orphan('worktree')
  await rm(workspace.rootDir, { recursive: true })
  const young = await stage.manager.sweep({ now: inDays(6) })
  expect(noIndexes(young.decisions)).toMatchObject([
    { kind: 'orphan-registration', action: 'keep', attention: 'needed' },
  ])
  const { decisions, failed } = await stage.manager.sweep(LATER)
  expect([decisions[0]?.kind, decisions[0]?.action, failed]).toEqual(['orphan-registration', 'remove', 0])
  expect(await isThere(join(stage.layout.mirrorDir, 'worktrees', 'task-1'))).toBe(false)
  expect(await stage.manager.archives({ envId: 'shop' })).toMatchObject([{ headCommit: commit }])
  expect(await stage.manager.list()).toEqual([])
})

test("branches of the caller's own repository stay", async () => {
  const { prepare, manager, layout, upstream } = await makeStage({}, { bare: false })
  const workspace = await prepare({ source: upstream.path, strategy: 'worktree' })
  const commit = await agentCommits(workspace, 'work.txt')
  await rm(join(layout.sessionsDir, 'task-1.json'))
  const branches = await upstream.branches()
  expect((await manager.sweep(LATER)).failed).toBe(0)
  expect(await isThere(workspace.rootDir)).toBe(false)
  expect(await upstream.branches()).toEqual(branches)
  expect(await upstream.head(workspace.branch)).toBe(commit)
  expect(await upstream.git('worktree', 'list')).not.toContain('task-1')
})

test('a folder in the place of a task that is a link is not followed', async () => {
  const { stage, workspace } = await orphan('clone')
  const outside = join(stage.directory, 'outside')
  await mkdir(outside)
  await rename(workspace.workDir, join(outside, 'workdir'))
  await symlink(join(outside, 'workdir'), workspace.workDir)
  const { decisions } = await stage.manager.sweep(LATER)
  expect(noIndexes(decisions)).toMatchObject([
    { kind: 'orphan-directory', action: 'keep', attention: 'needed' },
  ])
  expect(await isThere(join(outside, 'workdir', 'untracked.txt'))).toBe(true)
})
