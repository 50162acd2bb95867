import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { feedGit, git } from '../../helpers/run-git.js'
import { agentGit, makeStage } from '../verbs/stage.js'

const packs = async (mirrorDir: string, ending: string) =>
  (await readdir(join(mirrorDir, 'objects/pack'))).filter((name) => name.endsWith(ending))

// A pack as a fetch would leave it, with a tenth of its processes.
const blobOf = (text: string) => `blob\ndata ${Buffer.byteLength(text)}\n${text}\n`

test('no pack is repacked or removed, and workspaces from before and after read all of it', async () => {
  const { prepare, upstream, layout } = await makeStage()
  await upstream.git('config', 'uploadpack.allowFilter', 'true')
  await upstream.commit('main', { 'README.md': 'second\n' })
  const before = await prepare({ taskId: 'before', filter: 'blob:none' })
  const own = await prepare({ taskId: 'own', objects: 'own' })
  const first = await packs(layout.mirrorDir, '.pack')
  for (let pack = 1; pack <= 17; pack += 1)
    await feedGit(
      layout.mirrorDir,
      blobOf(`${pack}`),
      '-c',
      'fastimport.unpackLimit=0',
      'fast-import',
      '--quiet',
    )
  const onNoBranch = await upstream.git('commit-tree', '-m', 'On no branch', 'main^{tree}')
  const withOtherFiles = await upstream.git('rev-parse', 'main~1')
  for (const baseRef of [onNoBranch, withOtherFiles]) {
    // One that was lost is nothing but slower.
    await rm(join(layout.mirrorDir, 'objects/pack/multi-pack-index'), { force: true })
    await prepare({ taskId: baseRef, baseRef })
    expect(await packs(layout.mirrorDir, 'multi-pack-index')).toHaveLength(1)
  }
  const all = await packs(layout.mirrorDir, '.pack')
  expect(all).toEqual(expect.arrayContaining(first))
  expect(all.length).toBeGreaterThanOrEqual(21)
  await upstream.commit('main', { new: 'file\n' })
  const after = await prepare({ taskId: 'after' })
  for (const workspace of [before, own, after]) {
    if (workspace !== after) await workspace.refresh()
    expect(await agentGit(workspace, 'log', '--oneline', '--format=%H')).toContain(await upstream.head())
    expect(await agentGit(workspace, 'fsck', '--strict', '--no-dangling')).toBe('')
  }
  for (const gitDir of [layout.mirrorDir, join(own.workDir, '.git')]) {
    expect(await packs(gitDir, 'multi-pack-index')).toHaveLength(1)
    await git(gitDir, 'multi-pack-index', 'verify')
  }
  expect(await git(layout.mirrorDir, 'fsck', '--strict', '--no-dangling')).toBe('')
})

test('what a mirror has is dropped by no git that an agent with a worktree runs', async () => {
  const { prepare, upstream } = await makeStage()
  const [base, borrower] = [await upstream.head(), await prepare({ taskId: 'borrower' })]
  await upstream.git(
    'update-ref',
    'refs/heads/main',
    await upstream.git('commit-tree', '-m', 'new', 'main^{tree}'),
  )
  const agent = await prepare({ taskId: 'agent', strategy: 'worktree' })
  await agentGit(agent, 'reflog', 'expire', '--all', '--expire=now')
  await expect(agentGit(agent, 'repack', '-a', '-d')).rejects.toThrow('precious-objects')
  await expect(agentGit(agent, 'prune')).rejects.toThrow('precious-objects')
  await agentGit(agent, 'gc', '--quiet', '--prune=now')
  expect(await agentGit(borrower, 'log', '--format=%H', '-1')).toBe(base)
})
