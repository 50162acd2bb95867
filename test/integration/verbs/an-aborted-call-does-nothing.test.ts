import type { Workspace, WorkspaceManager } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { openServices } from '../../../src/operations/open-services.js'
import { refresh } from '../../../src/operations/refresh.js'
import { git as runGit } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { holdFetches } from '../mirror/held-fetch.js'
import { CHECKOUTS, ENV, failureOf, KEY, makeStage } from './stage.js'

type Call = (manager: WorkspaceManager, signal: AbortSignal, workspace: Workspace) => Promise<unknown>

const CALLS: Record<string, Call> = {
  prepare: (manager, signal) => manager.prepare({ ...KEY, taskId: 'task-2', signal }),
  get: (manager, signal) => manager.get(KEY, { signal }),
  list: (manager, signal) => manager.list({ signal }),
  refresh: (manager, signal) => manager.refresh(KEY, { signal }),
  'workspace.refresh': (_, signal, workspace) => workspace.refresh({ signal }),
  finish: (manager, signal) => manager.finish(KEY, 'failed', { signal }),
  cleanup: (manager, signal) => manager.cleanup(KEY, { signal, onUnsavedWork: 'discard' }),
  'workspace.cleanup': (_, signal, workspace) => workspace.cleanup({ signal }),
  cleanupAll: (manager, signal) => manager.cleanupAll(ENV, { signal }),
  withLock: (manager, signal) =>
    manager.withLock(ENV, async () => expect.unreachable('the action must not run'), { signal }),
}

test.each(Object.keys(CALLS))('%s rejects with ABORTED and the reason as its cause', async (name) => {
  const { layout, manager, prepare } = await makeStage()
  const workspace = await prepare()
  const before = await snapshotTree(layout.directory, { mtime: true })
  const reason = new Error('the user went home')
  const call = CALLS[name]?.(manager, AbortSignal.abort(reason), workspace) ?? Promise.resolve()
  const error = await failureOf(call)
  expect(error).toMatchObject({ code: 'ABORTED', retryable: true })
  expect(error.cause).toBe(reason)
  expect(await snapshotTree(layout.directory, { mtime: true })).toEqual(before)
})

test.each(CHECKOUTS)('a %s that is aborted in its refresh stays as it was', async (strategy) => {
  const { directory, prepare, upstream } = await makeStage()
  const server = await holdFetches(directory, 'later')
  const workspace = await prepare({ strategy, source: `${server.url}/upstream.git` })
  const after = await upstream.commit('main', { 'later.txt': 'later\n' })
  const before = await snapshotTree(workspace.rootDir)
  server.hold()
  const caller = new AbortController()
  const refreshing = failureOf(workspace.refresh({ signal: caller.signal }))
  await server.begun
  caller.abort()
  expect((await refreshing).code).toBe('ABORTED')
  expect(await snapshotTree(workspace.rootDir)).toEqual(before)
  server.letThrough()
  expect(await workspace.refresh()).toMatchObject({ after })
})

test('a refresh that is aborted while it writes files writes them all', async () => {
  const { root, prepare, upstream } = await makeStage()
  const { workDir } = await prepare()
  const after = await upstream.commit('main', { 'later.txt': 'later\n' })
  const caller = new AbortController()
  const git = new (class extends Git {
    override run(call: GitCall): Promise<GitResult> {
      const isWriting = call.args.includes('-u') && !call.args.includes('--dry-run')
      if (call.args[0] === 'read-tree' && isWriting) caller.abort()
      return super.run(call)
    }
  })({ gitTimeoutMs: 60_000 })
  const services = openServices(parseManagerOptions({}, { root, parallelism: 2 }), [], { git })
  expect(await refresh(services, KEY, { signal: caller.signal })).toMatchObject({ after })
  expect(caller.signal.aborted).toBe(true)
  expect(await runGit(workDir, 'status', '--porcelain')).toBe('')
})

test.each([...CHECKOUTS, 'directory'])(
  'a %s that is aborted while it is made leaves nothing',
  async (strategy) => {
    const { layout, manager, prepare } = await makeStage()
    await prepare({ strategy, taskId: 'task-0' })
    // The mirror may be fetched meanwhile, and the audit log tells what happened.
    const ours = ['audit.jsonl', 'mirror.git/objects', 'mirror.git/git-task-state.json', 'mirror.git/logs']
    const ignore = ours.map((path) => `.git-task/${path}`)
    const look = () => snapshotTree(layout.directory, { ignore })
    const before = await look()
    const caller = new AbortController()
    manager.on('workspace.preparing', () => caller.abort())
    expect((await failureOf(prepare({ strategy, signal: caller.signal }))).code).toBe('ABORTED')
    expect(await look()).toEqual(before)
  },
)

test('one that waits for another task of its key stops waiting', async () => {
  const { directory, prepare } = await makeStage()
  const server = await holdFetches(directory)
  const source = `${server.url}/upstream.git`
  const owner = new AbortController()
  const first = failureOf(prepare({ source, signal: owner.signal }))
  await server.begun
  const caller = new AbortController()
  const waiting = failureOf(prepare({ source, signal: caller.signal }))
  caller.abort()
  expect((await waiting).code).toBe('ABORTED')
  owner.abort()
  expect((await first).code).toBe('ABORTED')
})
