import { describe, expect, test } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from './presence.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, makeStage } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

const REFUSE = { onUnsavedWork: 'refuse' } as const

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('recreate: made anew from what the remote has now', async () => {
    const { prepare, upstream } = await makeStage()
    const first = await prepare({ strategy, taskFiles: { 'old.txt': 'old' } })
    const commit = await upstream.commit('main', { 'later.txt': 'later\n' })
    const second = await prepare({ strategy, ifExists: 'recreate' })
    expect(second).toMatchObject({ reused: false, branch: first.branch, base: { commit } })
    expect(await agentGit(second, 'rev-parse', 'HEAD')).toBe(commit)
    expect(await isThere(`${second.rootDir}/old.txt`)).toBe(false)
  })

  test('recreate: work that is saved nowhere does, and nothing is touched', async () => {
    const { manager, prepare } = await makeWarmStage(REFUSE)
    const first = await prepare({ strategy })
    await agentCommits(first, 'committed.txt')
    await agentWrites(first, 'untracked.txt')
    const before = await snapshotTree(first.workDir, { mtime: true })
    const error = await failureOf(prepare({ strategy, ifExists: 'recreate' }))
    expect(error).toMatchObject({ code: 'UNSAVED_WORK', data: { changedFiles: ['untracked.txt'] } })
    expect(await snapshotTree(first.workDir, { mtime: true })).toEqual(before)
    expect(await manager.list()).toMatchObject([{ taskId: 'task-1', state: 'ready' }])
  })
})

// Before anything is made, and what is common to both.
test('fail: the session is taken, and stays as it is', async () => {
  const strategy = 'clone'
  const { prepare } = await makeWarmStage()
  const { workDir } = await prepare({ strategy })
  const before = await snapshotTree(workDir, { mtime: true })
  const error = await failureOf(prepare({ strategy, ifExists: 'fail' }))
  expect(error).toMatchObject({ code: 'SESSION_TAKEN', data: { session: 'shop/task-1' } })
  expect(await snapshotTree(workDir, { mtime: true })).toEqual(before)
})

test('fail: where there is none, it is made', async () => {
  const strategy = 'worktree'
  const { prepare } = await makeWarmStage()
  expect(await prepare({ strategy, ifExists: 'fail' })).toMatchObject({ reused: false })
})

test('recreate: with another branch and base', async () => {
  const strategy = 'worktree'
  const { prepare } = await makeWarmStage({}, { branches: { next: { 'next.txt': 'next\n' } } })
  await prepare({ strategy })
  const second = await prepare({ strategy, ifExists: 'recreate', branch: 'mine', baseRef: 'next' })
  expect(second).toMatchObject({ branch: 'mine', base: { ref: 'next' } })
})

test('recreate: pushed work does not stand in the way', async () => {
  const strategy = 'clone'
  const { prepare } = await makeWarmStage(REFUSE)
  const first = await prepare({ strategy })
  await agentCommits(first, 'work.txt')
  await agentGit(first, 'push', '--quiet', '-u', 'origin', 'HEAD')
  expect(await prepare({ strategy, ifExists: 'recreate' })).toMatchObject({ reused: false })
})

test('recreate: a failed task is not kept for debugging then', async () => {
  const strategy = 'worktree'
  const { prepare } = await makeWarmStage({ retention: { keepFailed: true } })
  const first = await prepare({ strategy })
  await first.finish('failed')
  expect(await prepare({ strategy, ifExists: 'recreate' })).toMatchObject({ reused: false })
})
