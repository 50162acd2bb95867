import { beforeAll, describe, expect, test } from 'vitest'
import { tagAndBranchOfOneName } from '../../helpers/odd-repositories.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'
import { agentGit, CHECKOUTS, failureOf, makeStage } from '../verbs/stage.js'

let upstream: Upstream
let commits: Record<string, string>

beforeAll(async () => {
  upstream = await createUpstream(await temporaryDirectory(), {
    branches: { feature: { 'feature.txt': 'feature\n' }, 'team/x': { 'x.txt': 'x\n' } },
    tags: ['light'],
  })
  await upstream.git('tag', '-a', '-m', 'Annotated', 'annotated', 'feature')
  const loose = await upstream.git('commit-tree', '-m', 'On no branch', '-p', 'main', 'feature^{tree}')
  commits = {
    main: await upstream.head(),
    feature: await upstream.head('feature'),
    x: await upstream.head('team/x'),
    loose,
  }
})

const of = (name: string) => commits[name] ?? ''

const FOUND: readonly [what: string, ref: () => string, commit: string][] = [
  ['a branch', () => 'feature', 'feature'],
  ['a branch with a slash', () => 'team/x', 'x'],
  ['a branch by its full name', () => 'refs/heads/feature', 'feature'],
  ['a branch as a clone calls it', () => 'origin/feature', 'feature'],
  ['a light tag', () => 'light', 'main'],
  ['an annotated tag', () => 'annotated', 'feature'],
  ['a tag by its full name', () => 'refs/tags/annotated', 'feature'],
  ['a full commit', () => of('feature'), 'feature'],
  ['a short commit', () => of('feature').slice(0, 8), 'feature'],
  ['a commit on no branch', () => of('loose'), 'loose'],
]

test.each(FOUND)('%s is found on a cold environment', async (_what, ref, expected) => {
  const { prepare } = await makeStage()
  const workspace = await prepare({ source: upstream.url, baseRef: ref() })
  expect(workspace.base).toMatchObject({ ref: ref(), commit: of(expected), stale: false })
  expect(await agentGit(workspace, 'rev-parse', 'HEAD')).toBe(of(expected))
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
})

test('worktrees find every one of them, too', async () => {
  const { prepare } = await makeStage()
  for (const [index, [what, ref, expected]] of FOUND.entries()) {
    const request = { strategy: 'worktree', taskId: `task-${index}`, source: upstream.url, baseRef: ref() }
    const workspace = await prepare(request)
    expect([what, await agentGit(workspace, 'rev-parse', 'HEAD')]).toEqual([what, of(expected)])
  }
})

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('a missing one is GIT_REF_MISSING, and leaves no workspace', async () => {
    const { prepare, manager } = await makeStage()
    for (const baseRef of ['nowhere', 'refs/heads/nowhere', 'origin/nowhere', 'a'.repeat(40), 'deadbee']) {
      const error = await failureOf(prepare({ strategy, source: upstream.url, baseRef }))
      expect(error).toMatchObject({ code: 'GIT_REF_MISSING', data: { baseRef } })
    }
    expect(await manager.list()).toEqual([])
  })

  test('a branch wins over a tag of its name, and the full name names the tag', async () => {
    const { directory, prepare } = await makeStage()
    const odd = await tagAndBranchOfOneName(directory)
    const branch = await prepare({ strategy, source: odd.url, baseRef: 'release' })
    expect(branch.base?.commit).toBe(await odd.head('release'))
    const tag = await prepare({ strategy, source: odd.url, taskId: 't2', baseRef: 'refs/tags/release' })
    expect(tag.base?.commit).toBe(await odd.head('main'))
  })
})

test.each(['feature', 'refs/heads/feature', 'annotated', 'light'])(
  "the base %s is found in the caller's own repository, too",
  async (baseRef) => {
    const { manager, upstream: own } = await makeStage({}, { bare: false, tags: ['light'], name: 'own' })
    await own.commit('feature', { 'feature.txt': 'feature\n' })
    await own.git('tag', '-a', '-m', 'Annotated', 'annotated', 'feature')
    const request = { envId: 'own', taskId: 'task-1', source: own.path, baseRef }
    const workspace = await manager.prepare({ ...request, strategy: 'worktree' })
    expect(workspace.base?.commit).toBe(await own.git('rev-parse', `${baseRef}^{commit}`))
  },
)
