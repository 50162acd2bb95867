import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CleanupReport, WorkspaceManager } from 'git-task-isolation'
import { git } from '../support/run-git.js'
import { createUpstream } from '../support/upstream.js'
import type { DemoOptions } from './arguments.js'

export const ENVIRONMENT = 'demo'

/** Where the demo plays: a manager in a temporary folder, and the repository all tasks start from. */
export interface Stage {
  readonly manager: WorkspaceManager
  readonly source: string
  /** On a real repository only, so that the branches never meet those of an earlier demo. */
  readonly runId: string | undefined
  /** Deletes the branches that cleanup kept because they live in the caller's own repository. */
  discardBranches(reports: readonly CleanupReport[]): Promise<void>
  /** Leaves nothing behind, whatever was going on. */
  clear(): Promise<void>
}

export async function setStage({ source }: DemoOptions): Promise<Stage> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'git-task-demo-')))
  const stage = source === undefined ? ownStage(directory) : realStage(directory, source)
  const clear = () => clearStage(stage, directory)
  try {
    return { ...stage, source: source ?? (await createUpstream(join(directory, 'upstream'))).url, clear }
  } catch (error) {
    await clear()
    throw error
  }
}

type Props = Omit<Stage, 'source' | 'clear'>

function ownStage(directory: string): Props {
  const manager = new WorkspaceManager({ root: join(directory, 'root') })
  return { manager, runId: undefined, discardBranches: async () => undefined }
}

function realStage(directory: string, source: string): Props {
  const branchTemplate = 'agent/{agent}-{run}/{task}'
  return {
    manager: new WorkspaceManager({ root: join(directory, 'root'), branchTemplate }),
    runId: Date.now().toString(36),
    discardBranches: (reports) => deleteKeptBranches(source, reports),
  }
}

// The workspaces first: a worktree of a real repository is registered there, outside the temporary folder.
async function clearStage({ manager, discardBranches }: Props, directory: string): Promise<void> {
  const policy = { onUnsavedWork: 'discard', keepFailed: false } as const
  try {
    await discardBranches(await manager.cleanupAll(ENVIRONMENT, policy))
    await manager.close()
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

// The package never deletes commits from a repository of yours, not even when told to discard. The demo made
// these branches and knows that they hold nothing but its own notes.
async function deleteKeptBranches(source: string, reports: readonly CleanupReport[]): Promise<void> {
  const kept = reports.flatMap(({ branch }) => (branch?.deleted === false ? branch.name : []))
  if (kept.length > 0) await git(source, 'branch', '--quiet', '-D', '--', ...kept)
}
