import { join } from 'node:path'
import type { PrepareRequest } from 'git-task-isolation'
import { beforeEach, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { createUpstream } from '../../helpers/upstream.js'
import { failureOf, makeStage, type Stage } from '../verbs/stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await makeStage()
})

async function expectRefused(field: string, request: Partial<PrepareRequest>): Promise<void> {
  const before = await snapshotTree(stage.directory)
  const failure = await failureOf(stage.prepare(request))
  expect(failure.code).toBe('OPTIONS_INVALID')
  expect(failure.data['field']).toBe(field)
  expect(failure.message).toContain(field.split('.')[0])
  expect(await snapshotTree(stage.directory)).toEqual(before)
}

/** What no type would let through; users of JavaScript write it all the same. */
const untyped = (request: object): Partial<PrepareRequest> => request

test.each([
  ['depth', { depth: 0 }],
  ['depth', { depth: 1.5 }],
  ['depth', { depth: 2 ** 31 }],
  ['depth', { depth: '1' }],
  ['filter', { filter: 'blob:some' }],
  ['filter', { filter: 'tree:1' }],
  ['filter', { filter: 'blob:limit=' }],
  ['filter', { filter: 'sparse:oid=main:cone' }],
  ['objects', { objects: 'mine' }],
  ['sparse', { sparse: [] }],
  ['sparse', { sparse: 'src' }],
  ['sparse.0', { sparse: [''] }],
  ['sparse.0', { sparse: ['-x'] }],
  ['sparse.0', { sparse: ['/etc'] }],
  ['sparse.0', { sparse: ['/'] }],
  ['sparse.1', { sparse: ['src', '../up'] }],
  ['sparse.0', { sparse: ['src/../up'] }],
  ['sparse.0', { sparse: ['.'] }],
  ['sparse.0', { sparse: ['./src'] }],
  ['sparse.0', { sparse: ['src//app'] }],
  ['sparse.0', { sparse: ['src/*'] }],
  ['sparse.0', { sparse: ['!src'] }],
  ['sparse.0', { sparse: ['src\\app'] }],
  ['sparse.0', { sparse: ['src\napp'] }],
])('%s: %j', (field, request) => expectRefused(field, untyped(request)))

test.each([
  ['depth', 'worktree', { depth: 1 }],
  ['objects', 'worktree', { objects: 'own' }],
  ['objects', 'worktree', { objects: 'borrowed' }],
  ['sparse', 'directory', { sparse: ['src'] }],
  ['filter', 'directory', { filter: 'blob:none' }],
] as const)('%s means nothing for %s', (field, strategy, request) =>
  expectRefused(field, { strategy, ...request }),
)

test("a partial mirror means nothing for the caller's own repository", async () => {
  const mine = await createUpstream(join(stage.directory, 'mine'), { bare: false })
  await expectRefused('filter', { source: mine.path, strategy: 'worktree', filter: 'blob:none' })
  await expectRefused('depth', { source: mine.path, strategy: 'local', depth: 1 })
})

test('a worktree of a partial clone that lacks files is refused, and why is said first', async () => {
  await stage.upstream.git('config', 'uploadpack.allowFilter', 'true')
  const path = join(stage.directory, 'partial')
  await git(
    stage.directory,
    'clone',
    '--quiet',
    '--no-checkout',
    '--filter=blob:none',
    stage.upstream.url,
    path,
  )
  const failure = await failureOf(stage.prepare({ source: path, strategy: 'worktree' }))
  expect(failure.code).toBe('GIT_FAILED')
  expect(failure.message).toContain('partial clone')
  expect(failure.data['stderr']).not.toMatch(/^hint:/)
})

test('a workspace that is there is known without its source', async () => {
  await stage.prepare({ depth: 1 })
  expect((await stage.prepare({ source: undefined, depth: 1 })).reused).toBe(true)
  expect((await failureOf(stage.prepare({ source: undefined, depth: 2 }))).code).toBe('SESSION_TAKEN')
})

test('without a source there is nothing to shape', () =>
  expectRefused('depth', { source: undefined, depth: 1 }))
