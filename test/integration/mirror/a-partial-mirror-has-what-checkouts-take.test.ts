import { readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrepareRequest, Workspace } from 'git-task-isolation'
import { beforeEach, describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, upstreamAt } from '../../helpers/upstream.js'
import { copyOfTemplate } from '../../helpers/upstream-templates.js'
import {
  agentCommits,
  agentGit,
  CHECKOUTS,
  failureOf,
  newManager,
  type Stage,
  stageOf,
} from '../verbs/stage.js'

const BIG = 'x'.repeat(5_000)
const FILES = { 'top.txt': 'top\n', 'src/app/one.txt': 'one\n', 'src/lib/two.txt': 'two\n', 'big.txt': BIG }
const FILTERS = ['blob:limit=1k', 'tree:0'] as const

let stage: Stage
beforeEach(async () => {
  const directory = await temporaryDirectory()
  const path = join(directory, 'upstream.git')
  await copyOfTemplate(path, { ofBigFiles: FILES }, makeHistory)
  const root = join(directory, 'root')
  const manager = newManager({ root, onUnsavedWork: 'refuse' })
  stage = stageOf({ directory, root, manager, upstream: upstreamAt(path, 'main') })
})

async function makeHistory(path: string): Promise<void> {
  const upstream = await createUpstream(path, { files: FILES })
  await upstream.git('config', 'uploadpack.allowFilter', 'true')
  await upstream.commit('main', { 'top.txt': 'second\n', 'big.txt': `${BIG}y` })
  await upstream.commit('main', { 'top.txt': 'third\n', 'big.txt': `${BIG}z` })
}

/** How many objects the mirror lacks of all that its branches reach. */
async function missing(...what: string[]): Promise<number> {
  const range = what.length === 0 ? ['--all'] : what
  const output = await git(
    stage.layout.mirrorDir,
    ...['rev-list', '--objects', '--quiet', '--missing=print', ...range],
  )
  return output === '' ? 0 : output.split('\n').length
}

const isPack = (name: string) => name.endsWith('.pack')

/** What the agent's git has without asking anybody. */
const offline = ['-c', 'protocol.allow=never']
const lazily = ['-c', 'protocol.file.allow=always']

/** Each strategy with each filter where both have a say; else one of each. */
const ALL = CHECKOUTS.flatMap((strategy) => FILTERS.map((filter) => ({ strategy, filter })))
const SOME = [
  { strategy: 'clone', filter: 'tree:0' },
  { strategy: 'worktree', filter: 'blob:limit=1k' },
] as const

const prepare = (request: Partial<PrepareRequest>): Promise<Workspace> =>
  stage.prepare({ strategy: 'worktree', ...request })

describe('a partial mirror', () => {
  test.each(ALL)('$filter, $strategy: the checkout is complete, its history is not', async (request) => {
    const workspace = await prepare(request)
    expect(await readFile(join(workspace.workDir, 'top.txt'), 'utf8')).toBe('third\n')
    expect(await readFile(join(workspace.workDir, 'big.txt'), 'utf8')).toBe(`${BIG}z`)
    expect(await agentGit(workspace, ...offline, 'status', '--porcelain')).toBe('')
    expect(await agentGit(workspace, ...offline, 'log', '--format=%s')).toContain('First commit')
    expect(await missing()).toBeGreaterThan(0)
    expect(await missing('--no-walk', 'origin/main')).toBe(0)
  })

  test.each(SOME)('$filter, $strategy: the agent fetches from origin what it needs', async (request) => {
    const workspace = await prepare(request)
    expect(await agentGit(workspace, ...lazily, 'show', 'HEAD~2:big.txt')).toBe(BIG)
    expect(await agentGit(workspace, 'rev-parse', 'HEAD~2:big.txt')).not.toBe('')
    expect((await workspace.cleanup()).action).toBe('removed')
  })

  test.each(SOME)('$filter, $strategy: a refresh brings the files of the new base', async (request) => {
    const workspace = await prepare(request)
    await agentCommits(workspace, 'mine.txt')
    await stage.upstream.commit('main', { 'src/app/one.txt': 'new\n', 'big.txt': `${BIG}!` })
    expect((await workspace.refresh({ mode: 'rebase' })).action).toBe('updated')
    expect(await readFile(join(workspace.workDir, 'big.txt'), 'utf8')).toBe(`${BIG}!`)
    expect(await agentGit(workspace, ...offline, 'status', '--porcelain')).toBe('')
    expect((await failureOf(workspace.cleanup())).code).toBe('UNSAVED_WORK')
  })

  test.each(ALL)('$filter, $strategy: of a sparse checkout only the cone is fetched', async (request) => {
    const { filter } = request
    const workspace = await prepare({ ...request, sparse: ['src/app'] })
    expect(await agentGit(workspace, ...offline, 'status', '--porcelain')).toBe('')
    const everything = await missing('--no-walk', 'origin/main')
    expect(everything).toBe(filter === 'blob:limit=1k' ? 0 : 1)
    expect(await agentGit(workspace, ...lazily, 'sparse-checkout', 'add', 'src/lib')).toBe('')
    expect(await readFile(join(workspace.workDir, 'src/lib/two.txt'), 'utf8')).toBe('two\n')
    expect((await workspace.cleanup()).action).toBe('removed')
  })

  test('tasks with a base of their own get its files, and fetch them once', async () => {
    await prepare({ filter: 'blob:none' })
    const packs = async () =>
      (await readdir(join(stage.layout.mirrorDir, 'objects/pack'))).filter(isPack).length
    const before = await packs()
    const baseRef = await stage.upstream.git('rev-parse', 'main~2')
    const tasks = await Promise.all(['a', 'b', 'c'].map((taskId) => prepare({ taskId, baseRef })))
    for (const { workDir } of tasks) expect(await readFile(join(workDir, 'top.txt'), 'utf8')).toBe('top\n')
    expect(await packs()).toBe(before + 1)
  })

  test('it stays partial for a request without a filter, and has one filter only', async () => {
    await prepare({ filter: 'blob:none' })
    await prepare({ taskId: 'second' })
    expect(await missing()).toBeGreaterThan(0)
    const failure = await failureOf(prepare({ taskId: 'third', filter: 'tree:0' }))
    expect(failure.code).toBe('OPTIONS_INVALID')
    expect(failure.data).toMatchObject({ field: 'filter', existing: 'blob:none', requested: 'tree:0' })
  })

  test('a mirror that is whole serves a request with a filter', async () => {
    await prepare({})
    await prepare({ taskId: 'second', filter: 'blob:none' })
    await stage.upstream.commit('main', { 'top.txt': 'fourth\n' })
    await prepare({ taskId: 'third', filter: 'tree:0' })
    expect(await missing()).toBe(0)
  })

  test('what is missing offline is said, and leaves nothing', async () => {
    await prepare({ filter: 'blob:none' })
    const baseRef = await stage.upstream.git('rev-parse', 'main~1')
    const request = { taskId: 'second', baseRef, freshness: { mode: 'offline' } } as const
    const failure = await failureOf(prepare(request))
    expect(failure.code).toBe('GIT_NETWORK')
    expect(failure.data).toMatchObject({ missing: 2 })
    expect(await stage.manager.list()).toHaveLength(1)
  })

  test('a source that knows no filters gives everything', async () => {
    await stage.upstream.git('config', 'uploadpack.allowFilter', 'false')
    await prepare({ filter: 'blob:none' })
    expect(await missing()).toBe(0)
  })
})

test('no fetch leaves a remote of its own in the configuration, or obeys one that an agent has put there', async () => {
  const workspace = await stage.prepare({ strategy: 'worktree', filter: 'blob:none' })
  await agentGit(workspace, 'config', 'remote.git-task.url', '/nowhere')
  await stage.upstream.commit('main', { 'top.txt': 'fourth\n' })
  const second = await stage.prepare({
    taskId: 'second',
    strategy: 'worktree',
    freshness: { mode: 'require' },
  })
  expect(await readFile(join(second.workDir, 'top.txt'), 'utf8')).toBe('fourth\n')
  const config = await readFile(join(stage.layout.mirrorDir, 'config'), 'utf8')
  expect(config.match(/^\[remote .*\]$/gm)).toEqual(['[remote "origin"]', '[remote "origin"]'])
})

test.each(FILTERS)('a clone with objects of its own asks its origin alone: %s', async (filter) => {
  const workspace = await stage.prepare({ filter, objects: 'own' })
  await rename(stage.layout.mirrorDir, `${stage.layout.mirrorDir}-away`)
  expect(await agentGit(workspace, ...offline, 'status', '--porcelain')).toBe('')
  expect(await agentGit(workspace, ...lazily, 'show', 'HEAD~2:big.txt')).toBe(BIG)
  await rename(`${stage.layout.mirrorDir}-away`, stage.layout.mirrorDir)
})

test.each(FILTERS)('a shallow one too: %s', async (filter) => {
  const workspace = await stage.prepare({ filter, objects: 'own', depth: 2 })
  await stage.upstream.commit('main', { 'big.txt': `${BIG}!` })
  expect((await workspace.refresh()).action).toBe('updated')
  await rename(stage.layout.mirrorDir, `${stage.layout.mirrorDir}-away`)
  expect(await agentGit(workspace, ...offline, 'status', '--porcelain')).toBe('')
  expect(await agentGit(workspace, ...lazily, 'show', 'HEAD~2:big.txt')).toBe(`${BIG}y`)
  await rename(`${stage.layout.mirrorDir}-away`, stage.layout.mirrorDir)
})
