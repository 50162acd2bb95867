import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ODD_REPOSITORIES } from '../../helpers/all-odd-repositories.js'
import {
  agentGit,
  filesOf,
  filesOfPlainClone,
  GIT_STRATEGIES,
  type OddCheckout,
  prepareOn,
} from './odd-checkout.js'

// Those that track the context's own folder are odd in another way.
const CASES = ODD_REPOSITORIES.filter(([name]) => !name.startsWith('a tracked')).flatMap(([name, factory]) =>
  GIT_STRATEGIES.map((strategy) => [name, strategy, factory] as const),
)

describe.each(CASES)('%s, %s', (_name, strategy, factory) => {
  let odd: OddCheckout

  beforeAll(async () => {
    odd = await prepareOn(factory, { strategy })
  })

  test('has the bytes and modes that a plain clone has', async () => {
    expect(await filesOf(odd.workspace)).toEqual(await filesOfPlainClone(odd.upstream))
    const head = await odd.upstream.git('rev-parse', 'HEAD')
    expect(odd.workspace.base?.commit).toBe(head)
    expect((await agentGit(odd.workspace, 'rev-parse', 'HEAD')).trim()).toBe(head)
  })

  test('shows git no change, and nothing of ours to add', async () => {
    expect(await agentGit(odd.workspace, 'status', '--porcelain')).toBe('')
    await agentGit(odd.workspace, 'add', '-A')
    await agentGit(odd.workspace, 'diff', '--cached', '--quiet')
    // Contents are compared again, not only times: what was converted on the way out is no change either.
    await agentGit(odd.workspace, 'update-index', '--really-refresh')
    expect(await agentGit(odd.workspace, 'status', '--porcelain')).toBe('')
  })

  test('lets the agent commit and push its branch', async () => {
    await writeFile(join(odd.workspace.workDir, 'agent.txt'), 'work\n')
    await agentGit(odd.workspace, 'add', '-A')
    await agentGit(odd.workspace, 'commit', '--quiet', '-m', 'Work')
    await agentGit(odd.workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    expect(odd.workspace.branch).toBe('agent/default/task')
    const commit = (await agentGit(odd.workspace, 'rev-parse', 'HEAD')).trim()
    expect(await odd.upstream.head('agent/default/task')).toBe(commit)
    expect(await odd.upstream.git('diff', '--name-status', `${commit}~1`, commit)).toBe('A\tagent.txt')
    expect((await agentGit(odd.workspace, 'rev-parse', 'HEAD@{upstream}')).trim()).toBe(commit)
  })

  test('is removed without a word, since everything was pushed', async () => {
    expect(await odd.workspace.cleanup()).toMatchObject({ action: 'removed' })
    expect(await odd.manager.list()).toEqual([])
  })
})
