import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  isWorkspaceError,
  type PrepareRequest,
  type Workspace,
  type WorkspaceError,
  WorkspaceManager,
  type WorkspaceManagerOptions,
} from 'git-task-isolation'
import { onTestFinished } from 'vitest'
import { environmentLayout } from '../../../src/model/layout.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream, type UpstreamOptions } from '../../helpers/upstream.js'

/** The two strategies that make a checkout of a repository. */
export const CHECKOUTS = ['clone', 'worktree'] as const

export const ENV = 'shop'
export const KEY = { envId: ENV, taskId: 'task-1' } as const

/** One upstream, one root and a manager over it. */
export interface Stage {
  readonly directory: string
  readonly root: string
  readonly manager: WorkspaceManager
  readonly upstream: Upstream
  /** `.git-task/mirror.git` and its neighbours. */
  readonly layout: ReturnType<typeof environmentLayout>
  /** Prepares `task-1` of `shop` from the upstream, unless the request says otherwise. */
  prepare(request?: Partial<PrepareRequest>): Promise<Workspace>
}

export async function makeStage(
  options: WorkspaceManagerOptions = {},
  repository: UpstreamOptions & { name?: string } = {},
): Promise<Stage> {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, repository.name ?? 'upstream.git'), repository)
  const root = join(directory, 'root')
  return stageOf({ directory, root, upstream, manager: newManager({ ...options, root }) })
}

/** The rest of a stage. */
export function stageOf(parts: Omit<Stage, 'layout' | 'prepare'>): Stage {
  const { root, upstream, manager } = parts
  return {
    ...parts,
    layout: environmentLayout(root, ENV),
    prepare: (request = {}) => manager.prepare({ ...KEY, source: upstream.url, ...request }),
  }
}

/** A manager that is closed when the test ends. */
export function newManager(options: WorkspaceManagerOptions): WorkspaceManager {
  const manager = new WorkspaceManager(options)
  onTestFinished(() => manager.close())
  return manager
}

/** The error of this package that a call rejects with; a call that succeeds fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<WorkspaceError> {
  const outcome = await call.then(
    () => new Error('the call succeeded'),
    (error: unknown) => error,
  )
  if (isWorkspaceError(outcome)) return outcome
  throw outcome
}

export interface AgentRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs plain git as an agent does: in the workspace, with its environment over the orchestrator's. */
export function tryAgentGit(
  workspace: Workspace,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<AgentRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: workspace.workDir,
      env: { ...process.env, ...workspace.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout: stdout.trimEnd(), stderr }))
  })
}

/** The same for a command that must succeed. */
export async function agentGit(workspace: Workspace, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tryAgentGit(workspace, args)
  if (code === 0) return stdout
  throw new Error(`git ${args.join(' ')} ended with ${code}: ${stderr}`)
}

/** Writes a file in the checkout. */
export function agentWrites(workspace: Workspace, name: string, content = `${name}\n`): Promise<void> {
  return writeFile(join(workspace.workDir, name), content)
}

/** Writes a file and commits it; answers with the commit. */
export async function agentCommits(workspace: Workspace, name: string, content?: string): Promise<string> {
  await agentWrites(workspace, name, content)
  await agentGit(workspace, 'add', '--', name)
  await agentGit(workspace, 'commit', '--quiet', '-m', `Add ${name}`)
  return agentGit(workspace, 'rev-parse', 'HEAD')
}
