import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrepareRequest, WorkspaceManagerOptions } from 'git-task-isolation'
import { beforeAll, expect, test } from 'vitest'
import { namesIn } from '../../src/fs/presence.js'
import { environmentLayout } from '../../src/model/layout.js'
import { git } from '../helpers/run-git.js'
import { taskTraces } from '../helpers/task-traces.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'
import { failureOf, newManager } from '../integration/verbs/stage.js'
import { startFileServer } from './file-server.js'
import { createBomb } from './git-bomb.js'
import { startOddGitServer } from './odd-git-server.js'

const KEY = { envId: 'shop', taskId: 'task-1' } as const

// Random, so that it takes as much room in a pack.
const noise = (bytes: number) => randomBytes(bytes)

async function stageOf(source: string, options: WorkspaceManagerOptions = {}) {
  const root = join(await temporaryDirectory(), 'root')
  const manager = newManager({ ...options, root })
  const layout = environmentLayout(root, KEY.envId)
  const prepare = (request: Partial<PrepareRequest> = {}) => manager.prepare({ ...KEY, source, ...request })
  const traces = () => taskTraces(join(root, 'managed-repos', KEY.envId))
  const packs = async () => (await namesIn(join(layout.mirrorDir, 'objects', 'pack'))).sort()
  return { root, manager, layout, prepare, traces, packs }
}

let bomb: Upstream

beforeAll(async () => {
  bomb = await createBomb(await temporaryDirectory())
})

// What a checkout would take is read in the mirror, whatever the strategy.
test('a tree that has itself in it ten billion times is read no further than maxFiles', async () => {
  const { root, prepare, traces } = await stageOf(bomb.url, { maxFiles: 1_000 })
  for (const baseRef of ['bomb', 'hollow']) {
    const { code, data, message } = await failureOf(prepare({ baseRef }))
    expect([code, data['limit'], data['max']]).toEqual(['LIMIT_EXCEEDED', 'maxFiles', 1_000])
    expect(Number(data['found'])).toBeGreaterThan(1_000)
    expect(message).toContain('maxFiles')
    expect(await traces()).toEqual([])
  }
  // The same mirror serves others.
  expect((await prepare()).reused).toBe(false)
  // The control: without a limit nothing but the deadline ends it.
  const unlimited = newManager({ root, gitTimeoutMs: 500 })
  const boundless = { ...KEY, taskId: 'boundless', source: bomb.url, baseRef: 'bomb' }
  const offline = { mode: 'offline' } as const
  const failure = await failureOf(unlimited.prepare({ ...boundless, freshness: offline }))
  expect(failure.code).toBe('GIT_TIMEOUT')
  expect((await traces()).filter((path) => path.includes('boundless'))).toEqual([])
})

test('a path that is longer than any system takes is an error, and nothing stays of it', async () => {
  const { prepare, traces } = await stageOf(bomb.url)
  const failure = await failureOf(prepare({ strategy: 'worktree', baseRef: 'deep' }))
  expect(failure).toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('longer than') })
  expect(await traces()).toEqual([])
  await prepare({ strategy: 'worktree' })
})

test('a refresh keeps to the limits of the request, and leaves everything as it was', async () => {
  const upstream = await createUpstream(join(await temporaryDirectory(), 'up.git'))
  const { manager, prepare } = await stageOf(upstream.url, { maxFiles: 10 })
  const workspace = await prepare({ strategy: 'worktree', maxFiles: 2 })
  await upstream.commit('main', { 'a.txt': 'a\n', 'b.txt': 'b\n' })
  expect((await failureOf(manager.refresh(KEY))).data).toMatchObject({
    limit: 'maxFiles',
    max: 2,
    found: 3,
  })
  expect(await git(workspace.workDir, 'status', '--porcelain')).toBe('')
  expect(await readdir(workspace.workDir)).not.toContain('a.txt')
})

test('a restore keeps to the limits too, and the archive stays', async () => {
  const upstream = await createUpstream(join(await temporaryDirectory(), 'up.git'))
  const { root, manager, prepare, traces } = await stageOf(upstream.url)
  const workspace = await prepare()
  await git(workspace.workDir, 'commit', '--quiet', '--allow-empty', '-m', 'work')
  await manager.cleanup(KEY)
  const strict = newManager({ root, maxRepositoryBytes: 3 })
  expect((await failureOf(strict.restore(KEY))).data).toMatchObject({ limit: 'maxRepositoryBytes', max: 3 })
  expect(await traces()).toEqual([])
  await manager.restore(KEY)
})

test('a small pack that unfolds to a giant file is not checked out', async () => {
  const files = { 'zeros.bin': Buffer.alloc(4_000_000) }
  const upstream = await createUpstream(join(await temporaryDirectory(), 'up.git'), { files })
  const { prepare, traces, packs } = await stageOf(upstream.url, { maxRepositoryBytes: 1_000_000 })
  expect((await failureOf(prepare())).data).toEqual({
    limit: 'maxRepositoryBytes',
    max: 1_000_000,
    found: 4_000_000,
    what: 'the checkout',
  })
  expect(await traces()).toEqual([])
  // The control: it had come, since it is small on its way.
  expect(await packs()).not.toEqual([])
})

test('of a sparse checkout only what is checked out counts', async () => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many/${index}`, `${index}\n`]))
  const upstream = await createUpstream(join(await temporaryDirectory(), 'up.git'), {
    files: { ...files, 'few/one.txt': '1\n', 'top.txt': 'top\n' },
  })
  const { prepare } = await stageOf(upstream.url, { maxFiles: 2 })
  await prepare({ sparse: ['few'] })
  const all = await failureOf(prepare({ taskId: 'task-2' }))
  expect(all.data).toMatchObject({ limit: 'maxFiles', max: 2, found: 3 })
})

test('a repository that is too large leaves nothing of its first fetch', async () => {
  const files = { 'noise.bin': noise(600_000) }
  const upstream = await createUpstream(join(await temporaryDirectory(), 'up.git'), { files })
  const { root, prepare } = await stageOf(upstream.url, { maxRepositoryBytes: 300_000 })
  const { code, data } = await failureOf(prepare())
  expect([code, data['limit'], data['max'], data['what']]).toEqual([
    'LIMIT_EXCEEDED',
    'maxRepositoryBytes',
    300_000,
    'the mirror',
  ])
  expect(Number(data['found'])).toBeGreaterThan(300_000)
  expect(await namesIn(root)).toEqual([])
  // The control: with room for it, it is a repository like any other.
  await prepare({ maxRepositoryBytes: 2_000_000 })
})

test('a server of plain files is bounded too', async () => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'up.git'), { files: { 'noise.bin': noise(600_000) } })
  await upstream.git('update-server-info')
  const source = `${await startFileServer(directory)}/up.git`
  const { root, prepare } = await stageOf(source, { maxRepositoryBytes: 300_000 })
  expect((await failureOf(prepare())).data).toMatchObject({ limit: 'maxRepositoryBytes', what: 'the mirror' })
  expect(await namesIn(root)).toEqual([])
  // The control: it is a repository that can be fetched.
  await prepare({ maxRepositoryBytes: 2_000_000 })
})

test('a repository that grows too large leaves the mirror as it was, which goes on being of use', async () => {
  const upstream = await createUpstream(join(await temporaryDirectory(), 'up.git'))
  const { manager, layout, prepare, packs } = await stageOf(upstream.url, { maxRepositoryBytes: 300_000 })
  const first = await prepare()
  const before = await packs()
  await upstream.commit('main', { 'noise.bin': noise(600_000) })
  const required = { mode: 'require' } as const
  const failure = await failureOf(prepare({ taskId: 'task-2', freshness: required }))
  expect(failure).toMatchObject({ code: 'LIMIT_EXCEEDED', data: { what: 'the mirror' } })
  const told: unknown[] = []
  manager.on('mirror.stale', (event) => told.push(event))
  const stale = await prepare({ taskId: 'task-3' })
  expect(stale.base).toMatchObject({ commit: first.base?.commit, stale: true })
  expect(told).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
  expect(await packs()).toEqual(before)
  // When the source has shrunk again it is fetched as ever: new commits, branches, tags, and what is gone.
  await upstream.git('update-ref', 'refs/heads/main', first.base?.commit ?? '')
  const wanted = await upstream.commit('main', { 'small.txt': 'small\n' })
  await upstream.commit('other', { 'other.txt': 'other\n' })
  await upstream.git('tag', 'v1')
  const fresh = await prepare({ taskId: 'task-4', freshness: required })
  expect(fresh.base).toMatchObject({ commit: wanted, stale: false })
  const refs = ['for-each-ref', '--format=%(refname)', 'refs/remotes', 'refs/tags']
  const all = 'refs/remotes/origin/HEAD\nrefs/remotes/origin/main\nrefs/remotes/origin/other\nrefs/tags/v1'
  expect(await git(layout.mirrorDir, ...refs)).toBe(all)
  await upstream.git('branch', '-D', 'other')
  await prepare({ taskId: 'task-5', freshness: required })
  expect(await git(layout.mirrorDir, ...refs)).not.toContain('other')
  await git(layout.mirrorDir, 'fsck', '--strict')
  expect((await namesIn(layout.managerDir)).filter((name) => name.includes('.tmp-'))).toEqual([])
  expect(await readFile(join(fresh.workDir, 'small.txt'), 'utf8')).toBe('small\n')
})

test('a file that has no end is stopped while it comes', async () => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'up.git'))
  const server = await startOddGitServer('endless')
  const { root, prepare } = await stageOf(`${server.url}${upstream.path}`, { maxRepositoryBytes: 2_000_000 })
  const { code, data } = await failureOf(prepare())
  expect([code, data['limit']]).toEqual(['LIMIT_EXCEEDED', 'maxRepositoryBytes'])
  expect(await namesIn(root)).toEqual([])
  server.mood = 'well'
  await prepare()
})

test.each([
  { maxFiles: 0 },
  { maxFiles: 1.5 },
  { maxRepositoryBytes: -1 },
  { maxRepositoryBytes: '1 GB' as unknown as number },
])('%j is refused by its name', async (limits) => {
  const { prepare } = await stageOf('file:///nowhere')
  const [field] = Object.keys(limits)
  expect(() => newManager({ root: '/nowhere', ...limits })).toThrow(
    expect.objectContaining({ data: expect.objectContaining({ field }) }),
  )
  expect(await failureOf(prepare(limits))).toMatchObject({ code: 'OPTIONS_INVALID', data: { field } })
})
