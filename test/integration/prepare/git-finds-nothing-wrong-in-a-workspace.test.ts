import { expect, test } from 'vitest'
import { defaultBranchNotMain, sha256Objects, shallowSource } from '../../helpers/odd-repositories.js'
import { agentGit, GIT_STRATEGIES, prepareOn } from './odd-checkout.js'

const CASES = [
  ['a branch', defaultBranchNotMain],
  ['a shallow source', shallowSource],
  ['SHA-256 objects', sha256Objects],
] as const

test.each(GIT_STRATEGIES.flatMap((strategy) => CASES.map((row) => [strategy, ...row] as const)))(
  '%s of %s',
  async (strategy, _what, factory) => {
    const { workspace } = await prepareOn(factory, { strategy })
    await agentGit(workspace, 'fsck', '--strict')
    await agentGit(workspace, 'gc', '--quiet')
    await agentGit(workspace, 'fetch', '--all', '--prune', '--tags')
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
    expect(await agentGit(workspace, 'branch', '--all')).toContain('remotes/origin/')
  },
)
