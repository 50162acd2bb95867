import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoctorFinding, WorkspaceManager } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { agentRepository } from '../../../src/strategies/agent-repository.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const TRAITS = { ownsDirectory: true, usesRepository: true } as const

test.each(CHECKOUTS)(
  'a %s without its HEAD: the files, and what its refs and logs name',
  async (strategy) => {
    const { manager, layout, prepare } = await makeWarmStage()
    const workspace = await prepare({ strategy })
    const commit = await agentCommits(workspace, 'committed.txt')
    await agentGit(workspace, 'checkout', '--quiet', '--detach')
    const detached = await agentCommits(workspace, 'detached.txt')
    await agentWrites(workspace, 'work.txt')
    const traits = { ...TRAITS, sharesRefs: strategy === 'worktree' }
    const { gitDir } = agentRepository(traits, { workDir: workspace.workDir, gitDir: layout.mirrorDir })
    await rm(join(gitDir, 'HEAD'))
    const { findings } = await manager.doctor()
    expect(findings.filter(({ level }) => level === 'problem')).toMatchObject([
      { check: 'workspaces', path: join(gitDir, 'HEAD'), remedy: 'cleanup' },
    ])
    expect((await failureOf(prepare({ strategy }))).message).toMatch(/the HEAD of the workspace is gone/)
    expect(await manager.cleanup(KEY, { dryRun: true })).toMatchObject({ action: 'removed' })
    expect(await manager.cleanup(KEY)).toMatchObject({ action: 'removed' })
    const restored = await manager.restore(KEY)
    expect(await agentGit(restored, 'log', '--format=%H', '--walk-reflogs', 'HEAD')).toContain(detached)
    expect(await agentGit(restored, 'rev-parse', 'HEAD')).toBe(commit)
    expect(await agentGit(restored, 'status', '--porcelain')).toBe('A  detached.txt\n?? work.txt')
  },
)

test('a clone without its objects is told of, and archived where the environment has its commits', async () => {
  const { manager, prepare } = await makeWarmStage()
  const workspace = await prepare()
  const objects = join(workspace.workDir, '.git/objects')
  await agentWrites(workspace, 'work.txt')
  await rm(join(objects, 'info/alternates'))
  expect(await problemsOf(manager)).toMatchObject([
    { path: workspace.workDir, remedy: 'cleanup', message: expect.stringMatching(/its HEAD names is gone/) },
  ])
  await rm(objects, { recursive: true })
  expect(await problemsOf(manager)).toMatchObject([{ path: objects, remedy: 'cleanup' }])
  expect((await failureOf(prepare())).message).toMatch(/the folder of objects of the workspace is gone/)
  const [told] = await manager.status({ look: ['unsaved-work'] })
  expect(told?.unsavedWork?.unknown).toEqual([
    expect.stringMatching(/the objects of the repository are gone/),
  ])
  await agentWrites(workspace, 'README.md', 'changed')
  const { archive } = await manager.cleanup(KEY)
  expect(archive?.contains).toMatchObject({ unstaged: 1, untracked: 1 })
  const restored = await manager.restore(KEY)
  expect(await agentGit(restored, 'status', '--porcelain')).toBe(' M README.md\n?? work.txt')

  await agentCommits(restored, 'committed.txt')
  await rm(objects, { recursive: true })
  expect(await problemsOf(manager)).toMatchObject([{ path: objects, remedy: 'look' }])
  expect((await failureOf(manager.cleanup(KEY))).code).toBe('ARCHIVE_FAILED')
})

test('without the mirror a worktree is archived whole, and a clone is told what is missing', async () => {
  const { manager, layout, prepare } = await makeWarmStage(
    {},
    { files: { '.gitignore': 'tracked\n', tracked: '' } },
  )
  const workspace = await prepare({ strategy: 'worktree' })
  const clone = await prepare({ taskId: 'clone' })
  for (const { workDir } of [workspace, clone]) await writeFile(join(workDir, 'tracked'), 'mine\n')
  await rm(layout.mirrorDir, { recursive: true })
  const lost = { code: 'ARCHIVE_FAILED', data: { path: layout.mirrorDir } }
  expect(await failureOf(clone.cleanup())).toMatchObject(lost)
  expect(await manager.cleanup(KEY)).toMatchObject({ action: 'removed' })

  expect((await failureOf(manager.restore(KEY))).message).toMatch(/the archived workspace's base .* is gone/)
  await prepare({ taskId: 'another' })
  expect(await clone.cleanup()).toMatchObject({ action: 'removed' })
  const restored = await manager.restore(KEY)
  expect(await readFile(join(restored.workDir, 'tracked'), 'utf8')).toBe('mine\n')
  expect(await agentGit(restored, 'rev-parse', `refs/heads/${restored.branch}`, 'HEAD')).toBe(
    `${workspace.base?.commit}\n${workspace.base?.commit}`,
  )
  expect(await agentGit(restored, 'status', '--porcelain')).toBe(' M tracked')
})

test('only where HEAD is lost is a restored worktree on its base: not where the agent took its commits away', async () => {
  const { manager, layout, prepare } = await makeWarmStage()
  const workspace = await prepare({ strategy: 'worktree' })
  await agentWrites(workspace, 'work.txt')
  const { gitDir } = agentRepository(
    { ...TRAITS, sharesRefs: true },
    { workDir: workspace.workDir, gitDir: layout.mirrorDir },
  )
  await rm(gitDir, { recursive: true })
  expect(await manager.cleanup(KEY)).toMatchObject({ action: 'removed' })
  const onBase = await manager.restore(KEY)
  expect(await agentGit(onBase, 'rev-parse', 'HEAD')).toBe(workspace.base?.commit)
  expect(await agentGit(onBase, 'status', '--porcelain')).toBe('?? work.txt')

  await agentGit(onBase, 'update-ref', '-d', 'HEAD')
  await agentGit(onBase, 'rm', '--quiet', '-r', '--cached', '.')
  expect(await manager.cleanup(KEY)).toMatchObject({ action: 'removed' })
  const status = await agentGit(await manager.restore(KEY), 'status', '--porcelain', '--branch')
  expect(status).toMatch(/^## No commits yet on .*\n\?\? README\.md\n\?\? work\.txt$/s)
})

async function problemsOf(manager: WorkspaceManager): Promise<DoctorFinding[]> {
  const { findings } = await manager.doctor()
  return findings.filter(({ level }) => level === 'problem')
}
