import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type PrepareRequest, type Workspace, WorkspaceManager } from 'git-task-isolation'
import type { RepositoryFactory } from '../../helpers/odd-repositories.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree, type TreeSnapshot } from '../../helpers/tree-snapshot.js'
import type { Upstream } from '../../helpers/upstream.js'

const execute = promisify(execFile)

export const GIT_STRATEGIES = ['clone', 'worktree'] as const

export interface OddCheckout {
  readonly upstream: Upstream
  readonly manager: WorkspaceManager
  readonly workspace: Workspace
  /** Messages of the warnings that prepare gave. */
  readonly warnings: readonly string[]
}

/** A repository of its own, and a manager that makes workspaces of it. */
export async function stageOn(factory: RepositoryFactory) {
  const directory = await temporaryDirectory()
  const upstream = await factory(directory)
  const manager = new WorkspaceManager({ root: join(directory, 'root') })
  const warnings: string[] = []
  manager.on('warning', ({ message }) => warnings.push(message))
  const context = { issueTitle: 'Odd', files: { 'more/notes.md': 'notes\n' } }
  const prepare = (options: Partial<PrepareRequest>) =>
    manager.prepare({ envId: 'odd', taskId: 'task', source: upstream.url, context, ...options })
  return { upstream, manager, warnings, prepare }
}

/** A workspace on a repository made for it, which the agent may push to. */
export async function prepareOn(
  factory: RepositoryFactory,
  options: Partial<PrepareRequest>,
): Promise<OddCheckout> {
  const { prepare, ...stage } = await stageOn(factory)
  return { ...stage, workspace: await prepare(options) }
}

/** Runs git as the agent does: in the checkout, with what its process was given. */
export async function agentGit(workspace: Workspace, ...args: string[]): Promise<string> {
  const options = { cwd: workspace.workDir, env: { ...process.env, ...workspace.env } }
  return (await execute('git', args, { ...options, maxBuffer: 64 * 1024 * 1024 })).stdout
}

/** The files of a checkout without what is git's and what is ours. */
export function filesOf(workspace: Workspace): Promise<TreeSnapshot> {
  const ours = workspace.session.contextDir === join(workspace.workDir, '.agent_context')
  return snapshotTree(workspace.workDir, { ignore: ['.git', ...(ours ? ['.agent_context'] : [])] })
}

/** The files that a plain `git clone` of the source checks out. */
export async function filesOfPlainClone(upstream: Upstream, ...options: string[]): Promise<TreeSnapshot> {
  const directory = await temporaryDirectory()
  await git(directory, 'clone', '--quiet', ...options, upstream.url, 'plain')
  return snapshotTree(join(directory, 'plain'), { ignore: ['.git'] })
}
