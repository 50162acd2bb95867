import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ODD_REPOSITORIES } from '../../helpers/all-odd-repositories.js'
import type { TreeSnapshot } from '../../helpers/tree-snapshot.js'
import { agentGit, filesOf, filesOfPlainClone, GIT_STRATEGIES, stageOn } from './odd-checkout.js'

// The two kinds of checkout have their objects in different places, and their files written alike.
const IN_BOTH = ['a shallow source', 'SHA-256 objects']

// Those that track the context's own folder are odd in another way.
const CASES = ODD_REPOSITORIES.filter(([name]) => !name.startsWith('a tracked')).map(
  ([name, factory], index) => {
    const [even, odd] = GIT_STRATEGIES
    const strategies = IN_BOTH.includes(name) ? GIT_STRATEGIES : [index % 2 === 0 ? even : odd]
    return { name, factory, strategies }
  },
)

describe.each(CASES)('$name', ({ factory, strategies }) => {
  let stage: Awaited<ReturnType<typeof stageOn>>
  let plain: TreeSnapshot
  let head: string

  beforeAll(async () => {
    stage = await stageOn(factory)
    plain = await filesOfPlainClone(stage.upstream)
    head = await stage.upstream.git('rev-parse', 'HEAD')
  })

  afterAll(() => stage.manager.close())

  // One test for the whole life: each part needs the one before it.
  test.each(strategies)('%s', async (strategy) => {
    const { upstream, manager } = stage
    const workspace = await stage.prepare({ strategy, taskId: strategy })
    const agent = (...args: string[]) => agentGit(workspace, ...args)
    // It has the bytes and modes that a plain clone has.
    expect(await filesOf(workspace)).toEqual(plain)
    expect(workspace.base?.commit).toBe(head)
    // git sees no change in it, and nothing of ours to add.
    expect(await agent('status', '--porcelain')).toBe('')
    await agent('add', '-A')
    // Contents are compared again, not only times: what was converted on the way out is no change either.
    await agent('update-index', '--really-refresh')
    expect(await agent('status', '--porcelain')).toBe('')
    // The agent commits, and pushes its branch.
    await writeFile(join(workspace.workDir, 'agent.txt'), 'work\n')
    await agent('add', '-A')
    await agent('commit', '--quiet', '-m', 'Work')
    await agent('push', '--quiet', '-u', 'origin', 'HEAD')
    expect(workspace.branch).toBe(`agent/default/${strategy}`)
    const [commit = '', before, pushed] = (
      await agent('rev-parse', 'HEAD', 'HEAD~1', 'HEAD@{upstream}')
    ).split('\n')
    expect([before, pushed]).toEqual([head, commit])
    expect(await upstream.head(`agent/default/${strategy}`)).toBe(commit)
    expect(await upstream.git('diff', '--name-status', `${commit}~1`, commit)).toBe('A\tagent.txt')
    // It is removed without a word, since everything was pushed.
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
    expect(await manager.list()).toEqual([])
  })
})
