import { rename } from 'node:fs/promises'
import type { Freshness } from 'git-task-isolation'
import { expect, onTestFinished, test } from 'vitest'
import { startGitHttpServer } from '../../helpers/git-http-server.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { namesIn } from '../verbs/presence.js'
import { failureOf, KEY, makeStage } from '../verbs/stage.js'

async function stageOverHttp() {
  const stage = await makeStage()
  const server = await startGitHttpServer({ root: stage.directory })
  onTestFinished(() => server.close())
  return { ...stage, server, source: `${server.url}/upstream.git` }
}

/** A stage with a mirror whose remote is gone and has moved on. */
async function stageWithoutRemote() {
  const stage = await makeStage()
  const first = await stage.prepare({ taskId: 'task-0' })
  await stage.upstream.commit('main', { 'later.txt': 'later\n' })
  await rename(stage.upstream.path, `${stage.upstream.path}.gone`)
  return { ...stage, commit: first.base?.commit }
}

test('require: a remote that is gone fails the prepare and leaves nothing of it', async () => {
  const { prepare, layout } = await stageWithoutRemote()
  const ignore = ['.git-task/audit.jsonl']
  const before = await snapshotTree(layout.directory, { ignore })
  const error = await failureOf(prepare({ freshness: { mode: 'require' } }))
  expect(error.code).toBe('GIT_NETWORK')
  expect(await snapshotTree(layout.directory, { ignore })).toEqual(before)
})

test('prefer: a remote that is gone is said, and the mirror is used as it is', async () => {
  const { prepare, manager, commit, upstream } = await stageWithoutRemote()
  const stale: unknown[] = []
  manager.on('mirror.stale', (event) => stale.push(event))
  const workspace = await prepare({ freshness: { mode: 'prefer' } })
  expect(workspace.base).toMatchObject({ commit, stale: true })
  expect(stale).toMatchObject([{ key: { envId: KEY.envId }, source: upstream.url, code: 'GIT_NETWORK' }])
})

test('prefer: a remote that answers leaves nothing stale', async () => {
  const { prepare, manager, upstream } = await makeStage()
  manager.on('mirror.stale', () => expect.unreachable('nothing is stale'))
  await prepare({ taskId: 'task-0' })
  const commit = await upstream.commit('main', { 'later.txt': 'later\n' })
  expect((await prepare()).base).toMatchObject({ commit, stale: false })
})

test('offline: nothing is asked of the remote, and the age of the base is said', async () => {
  const { prepare, server, source, upstream } = await stageOverHttp()
  const { base } = await prepare({ source, taskId: 'task-0' })
  await upstream.commit('main', { 'later.txt': 'later\n' })
  const before = server.requests.length
  const workspace = await prepare({ source, freshness: { mode: 'offline' } })
  expect(workspace.base).toMatchObject({ commit: base?.commit, fetchedAt: base?.fetchedAt, stale: true })
  expect(server.requests.length).toBe(before)
})

test('offline without a mirror is an error that says so, and makes nothing', async () => {
  const { prepare, root, server, source } = await stageOverHttp()
  const error = await failureOf(prepare({ source, freshness: { mode: 'offline' } }))
  expect(error).toMatchObject({ code: 'GIT_NETWORK', retryable: false })
  expect(error.message).toContain('offline')
  expect(server.requests).toEqual([])
  expect(await namesIn(root)).toEqual([])
})

test.each<[number, Freshness]>([
  [0, { mode: 'require', maxAgeMs: 3_600_000 }],
  [0, { mode: 'prefer', maxAgeMs: 3_600_000 }],
  [1, { mode: 'require', maxAgeMs: 0 }],
  [1, { mode: 'prefer' }],
])('a warm prepare asks the remote %i times with %j', async (fetches, freshness) => {
  const { prepare, manager, server, source } = await stageOverHttp()
  await prepare({ source, taskId: 'task-0' })
  const before = server.requests.length
  let fetched = 0
  manager.on('mirror.fetched', () => {
    fetched += 1
  })
  expect((await prepare({ source, freshness })).base?.stale).toBe(false)
  expect(fetched).toBe(fetches)
  expect(server.requests.length > before).toBe(fetches > 0)
})

test('a branch that is newer than a young mirror is fetched all the same', async () => {
  const { prepare, server, source, upstream } = await stageOverHttp()
  await prepare({ source, taskId: 'task-0' })
  const commit = await upstream.commit('new', { 'new.txt': 'new\n' })
  const freshness = { mode: 'require', maxAgeMs: 3_600_000 } as const
  expect((await prepare({ source, freshness, baseRef: 'new' })).base).toMatchObject({ commit })
  const before = server.requests.length
  // A full commit that is there already needs nobody to be asked.
  const pinned = await prepare({ source, taskId: 'task-2', baseRef: commit })
  expect(pinned.base).toMatchObject({ commit, stale: false })
  expect(server.requests.length).toBe(before)
})
