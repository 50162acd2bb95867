import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, KEY, makeStage } from '../verbs/stage.js'

const STRATEGIES = [...CHECKOUTS, 'directory'] as const

describe.each(STRATEGIES)('a %s that was moved within its folder', (strategy) => {
  const makeMoved = async () => {
    const stage = await makeStage()
    const workspace = await stage.prepare(
      strategy === 'directory' ? { strategy, source: undefined } : { strategy },
    )
    const commit = strategy === 'directory' ? '' : await agentCommits(workspace, 'committed.txt')
    await agentWrites(workspace, 'untracked.txt')
    const moved = join(workspace.rootDir, 'work2')
    await rename(workspace.workDir, moved)
    return { stage, workspace, moved, commit }
  }

  it('is unsaved work', async () => {
    const { workspace, moved } = await makeMoved()
    const before = await snapshotTree(moved)
    const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
    expect(error).toMatchObject({ code: 'UNSAVED_WORK', data: { changedFiles: ['../work2'] } })
    expect(await snapshotTree(moved)).toEqual(before)
  })

  it('is archived, and comes back where it was', async () => {
    const { stage, workspace, moved, commit } = await makeMoved()
    const ignore = strategy === 'worktree' ? ['.git'] : []
    const before = await snapshotTree(moved, { ignore })
    expect(await workspace.cleanup()).toMatchObject({ archive: expect.anything() })
    const restored = await stage.manager.restore(KEY)
    expect(await snapshotTree(moved, { ignore })).toEqual(before)
    if (strategy === 'clone') expect(await agentGit(restored, '-C', moved, 'rev-parse', 'HEAD')).toBe(commit)
    if (strategy === 'worktree') expect(await agentGit(restored, 'rev-parse', 'HEAD')).toBe(commit)
  })
})

it('a checkout that is gone takes nothing beside it along', async () => {
  const stage = await makeStage()
  const workspace = await stage.prepare()
  await writeFile(join(workspace.rootDir, 'notes.txt'), 'mine\n')
  await rm(workspace.workDir, { recursive: true })
  const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  expect(error).toMatchObject({ code: 'UNSAVED_WORK', data: { changedFiles: ['../notes.txt'] } })
  expect(await workspace.cleanup()).toMatchObject({ archive: { contains: { untracked: 1 } } })
})
