import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { danglingHead, defaultBranchNotMain, detachedHead } from '../../helpers/odd-repositories.js'
import { git } from '../../helpers/run-git.js'
import { agentGit, CHECKOUTS, KEY, makeStage } from '../verbs/stage.js'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('a branch of any name is found', async () => {
    const { directory, prepare } = await makeStage()
    const upstream = await defaultBranchNotMain(directory)
    const workspace = await prepare({ strategy, source: upstream.url })
    expect(workspace.base).toMatchObject({ ref: 'trunk/stable', commit: await upstream.head() })
    expect(await agentGit(workspace, 'rev-parse', '--abbrev-ref', 'origin/HEAD')).toBe('origin/trunk/stable')
  })

  test('a change on the remote is followed by the next task', async () => {
    const { prepare, upstream } = await makeStage()
    expect((await prepare({ strategy })).base?.ref).toBe('main')
    const next = await upstream.commit('next', { 'next.txt': 'next\n' })
    await upstream.git('symbolic-ref', 'HEAD', 'refs/heads/next')
    const second = await prepare({ strategy, taskId: 'task-2' })
    expect(second.base).toMatchObject({ ref: 'next', commit: next, stale: false })
    expect(await agentGit(second, 'rev-parse', '--abbrev-ref', 'origin/HEAD')).toBe('origin/next')
  })

  test('a detached HEAD of the remote is a base like any other', async () => {
    const { directory, prepare } = await makeStage()
    const upstream = await detachedHead(directory)
    const workspace = await prepare({ strategy, source: upstream.url })
    expect(workspace.base).toMatchObject({ ref: 'HEAD', commit: await upstream.git('rev-parse', 'HEAD') })
  })

  test('a HEAD that names nothing falls back to main', async () => {
    const { directory, prepare } = await makeStage()
    const upstream = await danglingHead(directory)
    const workspace = await prepare({ strategy, source: upstream.url })
    expect(workspace.base).toMatchObject({ ref: 'main', commit: await upstream.head('main') })
  })
})

test("of a caller's own repository it is the branch that is checked out there", async () => {
  const { manager, upstream } = await makeStage({}, { bare: false, name: 'own' })
  await git(upstream.path, 'checkout', '--quiet', '-b', 'topic')
  const tip = await upstream.commit('topic', { 'topic.txt': 'topic\n' })
  for (const strategy of CHECKOUTS) {
    const workspace = await manager.prepare({
      ...KEY,
      envId: `own-${strategy}`,
      source: join(upstream.path, '.'),
      strategy,
      branch: `task/${strategy}`,
    })
    expect(workspace.base).toMatchObject({ ref: 'topic', commit: tip })
  }
})
