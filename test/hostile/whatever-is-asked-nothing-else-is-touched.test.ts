import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { isWorkspaceError, type PrepareRequest, WorkspaceManager } from 'git-task-isolation'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environmentLayout } from '../../src/model/layout.js'
import { parseSource } from '../../src/model/source.js'
import { anyText } from '../helpers/any-text.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { snapshotTree, type TreeSnapshot } from '../helpers/tree-snapshot.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'
import { anyId } from '../unit/model/any-id.js'

let directory: string
let root: string
let upstream: Upstream
let manager: WorkspaceManager
let before: TreeSnapshot

beforeAll(async () => {
  directory = await temporaryDirectory()
  root = join(directory, 'root')
  upstream = await createUpstream(join(directory, 'upstream.git'))
  await mkdir(join(directory, 'outside'))
  await writeFile(join(directory, 'outside', 'precious.txt'), 'precious\n')
  manager = new WorkspaceManager({ root, auditLog: false, gitTimeoutMs: 10_000 })
  before = await snapshotTree(directory, { ignore: ['root'] })
})

afterAll(() => manager.close())

/** Pieces that names, refs and paths go wrong with. */
const piece = fc.constantFrom(
  'a',
  '..',
  '.',
  '/',
  '\\',
  '~',
  '-',
  '--',
  '@{',
  '^',
  ':',
  '*',
  '.git',
  '.lock',
  'HEAD',
  'refs/heads/',
  'outside',
  ' ',
  '\n',
  '\0',
  '\u202e',
  'ä',
)

const oddText = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')),
  anyText({ maxLength: 60 }),
  fc.constantFrom('x'.repeat(300), '__proto__', 'constructor', 'toString'),
)

async function settles(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!isWorkspaceError(error)) throw error
  }
  expect(await snapshotTree(directory, { ignore: ['root'] })).toEqual(before)
}

async function preparesAndCleansUp(request: PrepareRequest): Promise<void> {
  const workspace = await manager.prepare(request)
  expect(workspace.workDir.startsWith(`${root}/managed-repos/`)).toBe(true)
  await workspace.cleanup({ onUnsavedWork: 'discard' })
}

test('ids', async () => {
  const asks = (envId: string, taskId: string, runId: string | undefined) =>
    settles(() => preparesAndCleansUp({ envId, taskId, runId }))
  await fc.assert(
    fc.asyncProperty(anyId, fc.oneof(anyId, oddText), fc.option(oddText, { nil: undefined }), asks),
    { numRuns: 40 },
  )
})

test('names of files', async () => {
  const asks = (name: string, other: string) =>
    settles(() =>
      preparesAndCleansUp({
        envId: 'files',
        taskId: 'task-1',
        context: { files: { [name]: 'x' } },
        taskFiles: { [other]: 'x' },
      }),
    )
  await fc.assert(fc.asyncProperty(oddText, oddText, asks), { numRuns: 30 })
})

test('refs and branches', async () => {
  const asks = (baseRef: string | undefined, branch: string, strategy: string) =>
    settles(() =>
      preparesAndCleansUp({
        envId: 'refs',
        taskId: 'task-1',
        source: upstream.url,
        baseRef,
        branch,
        strategy,
      }),
    )
  const optional = fc.option(oddText, { nil: undefined, freq: 2 })
  const strategies = fc.constantFrom('clone', 'worktree')
  await fc.assert(fc.asyncProperty(optional, oddText, strategies, asks), { numRuns: 25 })
})

test('URLs have no secret, no option and no helper in them once they are read', () => {
  const scheme = fc.constantFrom('https://', 'http://', 'ssh://', 'git://', 'file://', 'ext::', '', 'x@')
  fc.assert(
    fc.property(scheme, oddText, fc.option(oddText), (begin, middle, end) => {
      const text = `${begin}${middle}${end === null ? '' : `@${end}`}`
      try {
        const source = parseSource(text)
        const place = source.kind === 'url' ? source.url : source.path
        expect(place).toMatch(/^[^-]/)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(place).not.toMatch(/[\u0000-\u001f\u007f]/)
        if (source.kind === 'url')
          expect(source.url).not.toMatch(/^[A-Za-z0-9+.-]+::|^[a-z]+:\/\/[^/]*:[^/@]*@/)
      } catch (error) {
        if (!isWorkspaceError(error)) throw error
        expect(error.code).toBe('SOURCE_INVALID')
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a URL whose host git and the URL standard disagree about is refused', () => {
  expect(() => parseSource('https://example.org\\@thief.invalid/shop.git')).toThrow(
    expect.objectContaining({ code: 'SOURCE_INVALID' }),
  )
  expect(parseSource('https://:@example.org/shop.git')).toEqual({
    kind: 'url',
    url: 'https://example.org/shop.git',
    protocol: 'https',
  })
})

test('records', async () => {
  const key = { envId: 'records', taskId: 'task-1' }
  const layout = environmentLayout(root, key.envId)
  const file = join(layout.sessionsDir, 'task-1.json')
  await manager.prepare({ ...key, source: upstream.url })
  const record: unknown = JSON.parse(await readFile(file, 'utf8'))
  const field = fc.constantFrom(
    'rootDir',
    'workDir',
    'branch',
    'state',
    'strategy',
    'tree',
    'base',
    'owner',
    'source',
  )
  const value = fc.oneof(
    oddText,
    fc.constant(join(directory, 'outside')),
    fc.record({ workDir: fc.constant(join(directory, 'outside')), gitDir: fc.constant(directory) }),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const text = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(field, value)
        .map(([name, odd]) => JSON.stringify({ ...Object(record), [name]: odd })),
    },
    { weight: 1, arbitrary: anyText({ maxLength: 40 }) },
  )
  const holds = async (content: string) => {
    await writeFile(file, content)
    await settles(() => manager.list())
    await settles(() => manager.get(key))
    await settles(() => manager.refresh(key))
    await settles(() => manager.cleanup(key, { onUnsavedWork: 'refuse' }))
    await settles(() => manager.sweep())
  }
  await fc.assert(fc.asyncProperty(text, holds), { numRuns: 20 })
})
