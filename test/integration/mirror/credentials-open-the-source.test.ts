import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startGitHttpServer } from '../../helpers/git-http-server.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { namesIn } from '../verbs/presence.js'
import { agentCommits, agentGit, CHECKOUTS, failureOf, makeStage, tryAgentGit } from '../verbs/stage.js'

const LOGIN = { username: 'robot', password: 'canary/Token+0=' }
const credentials = { username: LOGIN.username, token: LOGIN.password }

async function stageWithLogin() {
  const stage = await makeStage()
  const server = await startGitHttpServer({ root: stage.directory, ...LOGIN })
  onTestFinished(() => server.close())
  return { ...stage, source: `${server.url}/upstream.git` }
}

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test.each([
    ['none', undefined],
    ['wrong ones', { ...credentials, token: 'canary-wrong' }],
  ])('%s: GIT_AUTH, no secret in it, and nothing is left', async (_what, given) => {
    const { prepare, root, source } = await stageWithLogin()
    const error = await failureOf(prepare({ strategy, source, ...(given && { credentials: given }) }))
    expect(error.code).toBe('GIT_AUTH')
    expect(`${JSON.stringify(error)}${error.stack}`).not.toContain('canary')
    expect(await namesIn(root)).toEqual([])
  })

  test('the right ones serve prepare, push, refresh and the look of cleanup', async () => {
    const { manager, prepare, source, upstream } = await stageWithLogin()
    const workspace = await prepare({ strategy, source, credentials, freshness: { mode: 'require' } })
    const commit = await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    expect(await upstream.head(workspace.branch)).toBe(commit)
    const tip = await upstream.commit('main', { 'later.txt': 'later\n' })
    expect(await workspace.refresh({ mode: 'rebase' })).toMatchObject({ action: 'updated', stale: false })
    expect(await agentGit(workspace, 'rev-parse', 'HEAD~1')).toBe(tip)
    await agentGit(workspace, 'push', '--quiet', '--force', 'origin', 'HEAD')
    // Only the remote can tell that the replayed commit is saved.
    expect(await manager.cleanup(workspace.key)).toMatchObject({ action: 'removed' })
  })

  test('a later manager uses those that the task was given', async () => {
    const { prepare, source, upstream } = await stageWithLogin()
    const workspace = await prepare({ strategy, source, credentials })
    const commit = await upstream.commit('main', { 'later.txt': 'later\n' })
    const again = await prepare({ strategy, source })
    expect(again.reused).toBe(true)
    expect(await again.refresh()).toMatchObject({ after: commit, stale: false })
    expect(await agentGit(workspace, 'ls-remote', '--heads', 'origin', 'main')).toContain(commit)
  })

  test('they are in no file but the protected one, and in no argument of origin', async () => {
    const { prepare, root, source } = await stageWithLogin()
    const workspace = await prepare({ strategy, source, credentials })
    const holders = await filesHolding(root, [LOGIN.password, encodeURIComponent(LOGIN.password)])
    expect(holders).toEqual([join(workspace.rootDir, '.git-credentials').slice(root.length + 1)])
    expect(await agentGit(workspace, 'remote', 'get-url', 'origin')).toBe(source)
  })

  test('a push without them is refused: the server asks', async () => {
    const { prepare, source } = await stageWithLogin()
    const workspace = await prepare({ strategy, source, credentials })
    await agentCommits(workspace, 'work.txt')
    const push = ['push', 'origin', 'HEAD']
    const { code } = await tryAgentGit(workspace, push, { GIT_CONFIG_GLOBAL: '/dev/null' })
    expect(code).not.toBe(0)
  })
})

test('a token in the URL works, and is kept out of every record', async () => {
  const { prepare, root, source } = await stageWithLogin()
  const url = new URL(source)
  url.username = LOGIN.username
  url.password = encodeURIComponent(LOGIN.password)
  const workspace = await prepare({ source: url.href })
  expect(workspace.session.source).toBe(source)
  expect(await filesHolding(root, ['canary'])).toHaveLength(1)
})

async function filesHolding(root: string, secrets: readonly string[]): Promise<string[]> {
  const snapshot = await snapshotTree(root)
  const files = Object.keys(snapshot).filter((path) => snapshot[path]?.startsWith('file'))
  const contents = await Promise.all(files.map((path) => readFile(join(root, path), 'latin1')))
  return files.filter((_, index) => secrets.some((secret) => contents[index]?.includes(secret)))
}
