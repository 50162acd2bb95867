import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { expect } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { openServices } from '../../../src/operations/open-services.js'
import { type Prepared, prepare } from '../../../src/operations/prepare.js'
import type { Services } from '../../../src/operations/services.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree, type TreeSnapshot } from '../../helpers/tree-snapshot.js'
import { createUpstream } from '../../helpers/upstream.js'

export const STEPS = ['reserve', 'base', 'preparing', 'folders', 'checkout', 'files', 'ready'] as const

/** A kind of workspace by what the request says of its source. */
export interface Setup {
  readonly strategy: 'clone' | 'worktree' | 'directory' | 'local'
  readonly source: 'url' | 'path' | 'none'
}

/** Every kind of workspace, by the words a test's name needs. */
export const SETUPS: readonly (readonly [string, Setup])[] = [
  ['a clone of a URL', { strategy: 'clone', source: 'url' }],
  ['a worktree of a URL', { strategy: 'worktree', source: 'url' }],
  ['a worktree of a local path', { strategy: 'worktree', source: 'path' }],
  ['a directory', { strategy: 'directory', source: 'none' }],
  ['a local folder', { strategy: 'local', source: 'path' }],
]

/** One folder with a source and an empty root beside it: a snapshot of it sees every trace of a prepare. */
export interface Scene {
  readonly directory: string
  run(taskId: string, parts?: Partial<Services>, signal?: AbortSignal): Promise<Prepared>
  /** Makes the environment known, by a task that stays where others may work beside it. */
  runNeighbour(): Promise<void>
}

export async function createScene({ strategy, source }: Setup): Promise<Scene> {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'root'))
  const upstream = await createUpstream(join(directory, 'source'), { bare: source === 'url' })
  if (strategy === 'local') await addOwnContext(upstream.path)
  const defaults = { root: join(directory, 'root'), parallelism: 2 }
  // What happened stays in the audit log, whatever became of it; it is a promise of its own.
  const settings = parseManagerOptions({ auditLog: false }, defaults)
  const location = { url: upstream.url, path: upstream.path, none: undefined }[source]
  // One for all, which asks git for its version once.
  const { git } = openServices(settings)
  const context = { issueTitle: 'Fail', files: { 'deep/er/notes.md': 'notes\n' } }
  const run: Scene['run'] = (taskId, parts = {}, signal) => {
    const key = { envId: 'shop', taskId }
    const taskFiles = { 'client/config.json': { a: 1 } }
    const request = parsePrepareRequest({ ...key, strategy, source: location, context, taskFiles, signal })
    return prepare(openServices(settings, [], { git, ...parts }), request)
  }
  return { directory, run, runNeighbour: () => runNeighbour(run, settings.root, strategy) }
}

/** The caller's own folder has place for one task at a time. */
async function runNeighbour(run: Scene['run'], root: string, strategy: Setup['strategy']): Promise<void> {
  const { record } = await run('neighbour')
  if (strategy === 'local') await new WorkspaceManager({ root, auditLog: false }).cleanup(record)
}

/** The caller's folder has files in the very places that the context is written to. */
async function addOwnContext(folder: string): Promise<void> {
  await mkdir(join(folder, '.agent_context'))
  await writeFile(join(folder, '.agent_context', 'issue_context.md'), "the caller's own\n")
}

/** The error of a prepare that has to fail, and to undo everything. */
export async function failure(prepared: Promise<Prepared>): Promise<string> {
  try {
    await prepared
  } catch (error) {
    const code = isWorkspaceError(error) ? error.code : 'none'
    expect(code, `the rollback: ${JSON.stringify(error)}`).not.toBe('ROLLBACK_INCOMPLETE')
    return isWorkspaceError(error) ? error.code : String(error)
  }
  throw new Error('prepare did not fail')
}

const MANAGER = 'root/managed-repos/shop/.git-task'
const BELONGS_TO_ENVIRONMENT = ['.gitignore', 'environment.json', 'mirror.git', 'upstream-tips'].map(
  (name) => `${MANAGER}/${name}`,
)
const ABOVE = ['root/managed-repos', 'root/managed-repos/shop', 'root/managed-repos/shop/tasks', MANAGER]
const FOLDERS = ['indexes', 'locks', 'scratch', 'sessions'].map((name) => `${MANAGER}/${name}`)
const TRACE_IN_MIRROR = /^\/(?:refs\/heads\/|logs\/refs\/heads\/|worktrees|git-task-staging|.*\.lock$)/

/** What a failed first prepare left, but for the mirror and what binds the environment to its source. */
export async function firstTraces(directory: string): Promise<TreeSnapshot> {
  const found = await snapshotTree(directory)
  const isBound = `${MANAGER}/environment.json` in found
  return Object.fromEntries(Object.entries(found).filter(([path]) => !isBound || !belongsToEnvironment(path)))
}

function belongsToEnvironment(path: string): boolean {
  if (ABOVE.includes(path) || FOLDERS.includes(path)) return true
  const owner = BELONGS_TO_ENVIRONMENT.find((entry) => path === entry || path.startsWith(`${entry}/`))
  return owner !== undefined && !TRACE_IN_MIRROR.test(path.slice(owner.length))
}

/** Everything there is, but for the note of when the mirror was last fetched. */
export function allTraces(directory: string): Promise<TreeSnapshot> {
  return snapshotTree(directory, { ignore: [`${MANAGER}/mirror.git/git-task-state.json`] })
}

/** A workspace that a task can be sent to. */
export async function expectUsable({ record }: Prepared): Promise<void> {
  expect(record.state).toBe('ready')
  expect(Object.keys(await snapshotTree(record.workDir))).toContain('.agent_context/issue_context.md')
}
