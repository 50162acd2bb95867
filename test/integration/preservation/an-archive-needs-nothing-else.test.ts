import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { tryGit } from '../../helpers/run-git.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'

describe.each(CHECKOUTS)('an archived %s', (strategy) => {
  it('comes back when mirror and remote are gone', async () => {
    const stage = await makeWarmStage(
      {},
      { files: UPSTREAM_FILES, branches: { other: { 'other.txt': 'other\n' } } },
    )
    const workspace = await stage.prepare({ strategy })
    await agentCommits(workspace, 'committed.txt')
    await agentWrites(workspace, 'src/app.ts', 'changed\n')
    await agentGit(workspace, 'stash', 'push', '--quiet')
    await agentWrites(workspace, 'untracked.txt')
    const before = await stateOf(workspace)
    await stage.manager.cleanup(KEY)
    await rm(stage.layout.mirrorDir, { recursive: true })
    await rm(stage.upstream.path, { recursive: true })
    const fsck = await tryGit(stage.layout.archivesRepository, 'fsck', '--strict', '--no-dangling')
    expect(fsck).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/warning|error/) })

    expect(await stateOf(await stage.manager.restore(KEY))).toEqual(before)
  })
})

it('an archived worktree comes back though the branch that it started from was rewritten', async () => {
  const stage = await makeWarmStage({}, { files: UPSTREAM_FILES })
  const workspace = await stage.prepare({ strategy: 'worktree' })
  await agentCommits(workspace, 'committed.txt')
  const before = await stateOf(workspace)
  await stage.manager.cleanup(KEY)
  await rm(stage.layout.mirrorDir, { recursive: true })
  const tree = await stage.upstream.git('rev-parse', 'main^{tree}')
  const commit = await stage.upstream.git('commit-tree', '-m', 'rewritten', tree)
  await stage.upstream.git('update-ref', 'refs/heads/main', commit)
  const other = await stage.prepare({ strategy: 'clone', taskId: 'other' })
  expect(other.base?.commit).toBe(commit)

  expect(await stateOf(await stage.manager.restore(KEY))).toEqual(before)
})

it('an archived clone can be restored again, and again after another archive of the same work', async () => {
  const stage = await makeWarmStage({}, { files: UPSTREAM_FILES })
  const workspace = await stage.prepare({ strategy: 'clone' })
  await agentCommits(workspace, 'committed.txt')
  await agentWrites(workspace, 'untracked.txt')
  const before = await stateOf(workspace)
  const first = await stage.manager.cleanup(KEY)
  await stage.manager.restore(KEY)
  const second = await stage.manager.cleanup(KEY)
  expect((await stage.manager.archives({ envId: 'shop' })).map(({ archiveId }) => archiveId)).toEqual([
    second.archive?.archiveId,
    first.archive?.archiveId,
  ])
  const { archiveId = '' } = first.archive ?? {}
  expect(await stateOf(await stage.manager.restore({ envId: 'shop', archiveId }))).toEqual(before)
})
