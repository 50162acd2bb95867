import { beforeAll, describe, expect, test } from 'vitest'
import { tagAndBranchOfOneName } from '../../helpers/odd-repositories.js'
import { agentGit, type OddCheckout, prepareOn } from './odd-checkout.js'

const SOURCES = [
  ['clone', 'URL'],
  ['worktree', 'URL'],
  ['worktree', 'local path'],
] as const

describe.each(SOURCES)('%s of a %s', (strategy, source) => {
  let odd: OddCheckout
  let branch: string
  let tag: string

  beforeAll(async () => {
    odd = await prepareOn(tagAndBranchOfOneName, { strategy, envId: 'other' })
    branch = await odd.upstream.git('rev-parse', 'refs/heads/release')
    tag = await odd.upstream.git('rev-parse', 'refs/tags/release')
  })

  const commitOf = async (taskId: string, baseRef: string) => {
    const location = source === 'URL' ? odd.upstream.url : odd.upstream.path
    const workspace = await odd.manager.prepare({ envId: 'odd', taskId, source: location, strategy, baseRef })
    expect(workspace.base?.commit).toBe((await agentGit(workspace, 'rev-parse', 'HEAD')).trim())
    return workspace.base?.commit
  }

  test('the bare name is the branch', async () => {
    expect(branch).not.toBe(tag)
    expect(await commitOf('bare', 'release')).toBe(branch)
  })

  test('the full names are what they say', async () => {
    expect(await commitOf('full-branch', 'refs/heads/release')).toBe(branch)
    expect(await commitOf('full-tag', 'refs/tags/release')).toBe(tag)
  })

  test('a commit is itself, whole or shortened', async () => {
    expect(await commitOf('whole', tag)).toBe(tag)
    expect(await commitOf('short', branch.slice(0, 10))).toBe(branch)
  })
})
