import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type EventName, type PrepareRequest, WorkspaceManager } from 'git-task-isolation'
import { onTestFinished, vi } from 'vitest'
import { startGitHttpServer } from '../helpers/git-http-server.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'
import type { Canary } from './canary.js'

export const USERNAME = 'robot'
export const KEY = { envId: 'shop', taskId: 'task-1' } as const

const EVENTS: readonly EventName[] = [
  'session.reserved',
  'session.released',
  'workspace.preparing',
  'workspace.ready',
  'workspace.reused',
  'workspace.refreshed',
  'workspace.rolledBack',
  'cleanup.started',
  'cleanup.completed',
  'cleanup.failed',
  'sweep.completed',
  'mirror.created',
  'mirror.fetched',
  'mirror.stale',
  'warning',
]

/** A server that lets the canary in, and a manager whose every word is heard. */
export async function stageWithServer(canary: Canary) {
  const directory = await temporaryDirectory()
  const temporary = join(directory, 'tmp')
  await mkdir(temporary)
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const upstream = await createUpstream(join(directory, 'served', 'shop.git'))
  const served = { root: join(directory, 'served'), username: USERNAME, password: canary.token }
  const server = await startGitHttpServer(served)
  onTestFinished(() => server.close())
  const root = join(directory, 'root')
  const manager = new WorkspaceManager({ root, gitTimeoutMs: 10_000, onUnsavedWork: 'refuse' })
  onTestFinished(() => manager.close())
  const heard: unknown[] = []
  for (const name of EVENTS) manager.on(name, (event) => heard.push(name, event))
  return { directory, root, temporary, upstream, server, manager, heard, source: `${server.url}/shop.git` }
}

/** The two ways to hand a token over. */
export const WAYS = {
  'beside the URL': (source: string, { token }: Canary): Partial<PrepareRequest> => ({
    source,
    credentials: { username: USERNAME, token },
  }),
  'in the URL': (source: string, { token }: Canary): Partial<PrepareRequest> => ({
    source: source.replace('://', `://${USERNAME}:${encodeURIComponent(token)}@`),
  }),
}

/** A token is taken out of a URL before there is a mirror or a checkout, so that each way goes with one of these. */
export const CASES = [
  { strategy: 'clone', way: 'in the URL' },
  { strategy: 'worktree', way: 'beside the URL' },
] as const
