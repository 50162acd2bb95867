import { describe, expect, test } from 'vitest'
import { danglingHead, emptyRepository, type RepositoryFactory } from '../../helpers/odd-repositories.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentGit, prepareOn } from './odd-checkout.js'
import { refusal } from './refusal.js'

const CASES = [
  ['clone', 'URL'],
  ['clone', 'local path'],
  ['worktree', 'local path'],
] as const

describe.each(CASES)('%s of a %s', (strategy, location) => {
  const sourceOf = ({ url, path }: { url: string; path: string }) => (location === 'URL' ? url : path)

  /** Refuses to prepare on a repository, and answers with the error once nothing was found to be left. */
  const refused = async (factory: RepositoryFactory) => {
    const directory = await temporaryDirectory()
    const upstream = await factory(directory)
    const before = await snapshotTree(directory)
    const error = await refusal(() => prepareOn(() => Promise.resolve(upstream), options(upstream)))
    expect(await snapshotTree(directory)).toEqual(before)
    return error
  }
  const options = (upstream: { url: string; path: string }) => ({ strategy, source: sourceOf(upstream) })

  test('one without a commit', async () => {
    expect((await refused(emptyRepository)).toJSON()).toMatchObject({
      code: 'GIT_REPOSITORY_EMPTY',
      retryable: false,
    })
  })

  test('one whose HEAD names no branch has others, and needs a base', async () => {
    const directory = await temporaryDirectory()
    const upstream = await danglingHead(directory)
    await upstream.git('branch', '-m', 'main', 'trunk')
    const source = sourceOf(upstream)
    const error = await refusal(() => prepareOn(() => Promise.resolve(upstream), { strategy, source }))
    expect(error.code).toBe('GIT_REF_MISSING')
    const given = { strategy, source, baseRef: 'develop' }
    const { workspace } = await prepareOn(() => Promise.resolve(upstream), given)
    expect((await agentGit(workspace, 'rev-parse', 'HEAD')).trim()).toBe(await upstream.head('develop'))
  })

  test('an empty one that gets its first commit can be prepared then', async () => {
    const directory = await temporaryDirectory()
    const upstream = await emptyRepository(directory)
    const again = () => prepareOn(() => Promise.resolve(upstream), { strategy, source: sourceOf(upstream) })
    await refusal(again)
    await upstream.commit('main', { 'first.txt': 'first\n' })
    const { workspace } = await again()
    expect(workspace.base?.commit).toBe(await upstream.head('main'))
  })
})
