import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createUpstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, CHECKOUTS, KEY, makeStage } from '../verbs/stage.js'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('origin is the URL of the source, and not the mirror', async () => {
    const { prepare, upstream } = await makeStage()
    const workspace = await prepare({ strategy })
    expect(await agentGit(workspace, 'remote', 'get-url', 'origin')).toBe(upstream.url)
    expect(await agentGit(workspace, 'remote', 'get-url', '--push', 'origin')).toBe(upstream.url)
    expect(await agentGit(workspace, 'remote')).toBe('origin')
  })

  test('upstream branches and tags are visible, and no branch of another task', async () => {
    const { prepare, upstream } = await makeStage({}, { branches: { 'team/x': {} }, tags: ['v1'] })
    const workspace = await prepare({ strategy })
    const refs = await agentGit(
      workspace,
      'for-each-ref',
      '--format=%(refname) %(objectname)',
      'refs/remotes',
    )
    expect(refs.split('\n')).toEqual([
      `refs/remotes/origin/HEAD ${await upstream.head()}`,
      `refs/remotes/origin/main ${await upstream.head()}`,
      `refs/remotes/origin/team/x ${await upstream.head('team/x')}`,
    ])
    expect(await agentGit(workspace, 'rev-parse', 'v1')).toBe(await upstream.head())
    expect(await agentGit(workspace, 'branch', '--format=%(refname:short)')).toBe(workspace.branch)
  })

  test.each([['-u', 'origin', 'HEAD'], ['origin', 'HEAD'], []])(
    'git push %s %s %s arrives on the remote',
    async (...words) => {
      const { prepare, upstream } = await makeStage()
      const workspace = await prepare({ strategy })
      const commit = await agentCommits(workspace, 'work.txt')
      await agentGit(workspace, 'push', '--quiet', ...words)
      expect(await upstream.head(workspace.branch)).toBe(commit)
      expect(await agentGit(workspace, 'rev-parse', `origin/${workspace.branch}`)).toBe(commit)
      expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
    },
  )

  test('a plain git fetch, branch and rebase work', async () => {
    const { prepare, upstream } = await makeStage()
    const workspace = await prepare({ strategy })
    await agentCommits(workspace, 'work.txt')
    const tip = await upstream.commit('main', { 'later.txt': 'later\n' })
    await agentGit(workspace, 'fetch', '--quiet', 'origin')
    await agentGit(workspace, 'rebase', '--quiet', 'origin/main')
    await agentGit(workspace, 'checkout', '--quiet', '-b', 'second-thoughts')
    expect(await agentGit(workspace, 'rev-parse', 'HEAD~1')).toBe(tip)
  })

  test("the agent's own git fsck finds nothing wrong", async () => {
    const { prepare } = await makeStage()
    const workspace = await prepare({ strategy })
    await agentCommits(workspace, 'work.txt')
    expect(await agentGit(workspace, 'fsck', '--strict')).toBe('')
  })

  test('branch false is a detached HEAD on the base', async () => {
    const { prepare, upstream } = await makeStage()
    const workspace = await prepare({ strategy, branch: false })
    expect(workspace.branch).toBeUndefined()
    expect(workspace.env).not.toHaveProperty('TASK_BRANCH')
    expect(await agentGit(workspace, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD')
    expect(await agentGit(workspace, 'rev-parse', 'HEAD')).toBe(await upstream.head())
    expect(await agentGit(workspace, 'for-each-ref', 'refs/heads')).toBe('')
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  })
})

test('a clone of a local path has that path as origin, and the true URL where one is given', async () => {
  const { directory, manager, upstream } = await makeStage()
  const source = upstream.path
  const plain = await manager.prepare({ ...KEY, source })
  expect(await agentGit(plain, 'remote', 'get-url', 'origin')).toBe(source)
  const remote = await createUpstream(join(directory, 'remote.git'))
  const named = await manager.prepare({ ...KEY, envId: 'named', source: { path: source, url: remote.url } })
  expect(await agentGit(named, 'remote', 'get-url', 'origin')).toBe(remote.url)
  const commit = await agentCommits(named, 'work.txt')
  await agentGit(named, 'push', '--quiet', '-u', 'origin', 'HEAD')
  expect(await remote.head(named.branch)).toBe(commit)
  expect(await upstream.branches()).toEqual(['main'])
  expect(await readFile(join(named.workDir, '.git', 'config'), 'utf8')).not.toContain(upstream.path)
})
