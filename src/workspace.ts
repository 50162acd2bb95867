import { callerGit, type SimpleGit } from './git/caller-git.js'
import type { CallOptions } from './model/call-options.js'
import { taskLayout } from './model/layout.js'
import type { CleanupOptions, CleanupReport, RefreshOptions, RefreshReport } from './model/reports.js'
import type { Base, Outcome, SessionRecord } from './model/session-record.js'
import type { WorkspaceKey } from './model/workspace-key.js'
import type { SessionIdentity } from './sessions/session-identity.js'
import { childEnvironment } from './task-files/task-environment.js'

/**
 * A workspace that can be worked in, as of the moment it was handed out. Its verbs act on this workspace only: where the
 * key has been given to another one meanwhile they answer as if this one were gone, which it is.
 *
 * @example
 * import { execFileSync } from 'node:child_process'
 *
 * const child = { cwd: workspace.workDir, env: { ...process.env, ...workspace.env }, encoding: 'utf8' } as const
 * execFileSync('git', ['branch', '--show-current'], child).trim() // => workspace.branch
 */
export interface Workspace extends AsyncDisposable {
  /** Names the workspace in every call of the manager. */
  readonly key: WorkspaceKey
  /** `managed-repos/<env>/tasks/<task>[@<run>]` */
  readonly rootDir: string
  /** The checkout; the current directory for the agent. */
  readonly workDir: string
  /** For what the task makes beside its commits; a cleanup with `keep: 'artifacts'` leaves it. */
  readonly outputDir: string
  /** For logs; kept like the output. */
  readonly logsDir: string
  /** For an agent's own state, as sessions and caches. */
  readonly stateDir: string
  /** The strategy that made it. */
  readonly strategy: string
  /** Undefined: detached HEAD, a plain directory, or the caller's own folder. */
  readonly branch: string | undefined
  /** What it started from; undefined for a plain directory. */
  readonly base: Base | undefined
  /**
   * What a child process needs, to be spread over `process.env`. Where the orchestrator runs inside a git
   * hook, it also takes the hook's own repository variables away.
   */
  readonly env: Readonly<Record<string, string>>
  /** Whether it was there before the call. */
  readonly reused: boolean
  /** What was deliberately not done in the checkout: submodules left alone, LFS files left as pointers. */
  readonly notices: readonly string[]
  /** Its record. */
  readonly session: SessionRecord
  /**
   * A simple-git instance in `workDir` with the task's environment. Not for trees that may be hostile.
   *
   * @example
   * (await workspace.git().status()).not_added // => ['notes.md']
   */
  git(): SimpleGit
  /**
   * As {@link Manager.refresh}.
   *
   * @example
   * (await workspace.refresh()).action // => 'up-to-date'
   */
  refresh(options?: RefreshOptions): Promise<RefreshReport>
  /**
   * As {@link Manager.finish}.
   *
   * @example
   * (await workspace.finish('succeeded')).outcome // => 'succeeded'
   */
  finish(outcome: Outcome, options?: CallOptions): Promise<SessionRecord>
  /**
   * As {@link Manager.cleanup}. `await using workspace = …` does it at the end of the block.
   *
   * @example
   * (await workspace.cleanup({ keep: 'artifacts' })).action // => 'removed'
   */
  cleanup(options?: CleanupOptions): Promise<CleanupReport>
}

/** The verbs a handle passes on, each with the session that the handle stands for. */
export interface WorkspaceVerbs {
  refresh(
    key: WorkspaceKey,
    options: RefreshOptions | undefined,
    only: SessionIdentity,
  ): Promise<RefreshReport>
  finish(
    key: WorkspaceKey,
    outcome: Outcome,
    options: CallOptions | undefined,
    only: SessionIdentity,
  ): Promise<SessionRecord>
  cleanup(
    key: WorkspaceKey,
    options: CleanupOptions | undefined,
    only: SessionIdentity,
  ): Promise<CleanupReport>
}

/** The handle over a record; it holds nothing open. */
export function workspaceHandle(
  verbs: WorkspaceVerbs,
  root: string,
  session: SessionRecord,
  reused: 'reused' | 'new',
): Workspace {
  const { envId, taskId, runId, workDir } = session
  const key: WorkspaceKey = runId === undefined ? { envId, taskId } : { envId, taskId, runId }
  const layout = taskLayout(root, key)
  const env = childEnvironment(session, layout, process.env)
  const cleanup = (options?: CleanupOptions): Promise<CleanupReport> => verbs.cleanup(key, options, session)
  return Object.freeze({
    key,
    rootDir: layout.rootDir,
    workDir,
    outputDir: layout.outputDir,
    logsDir: layout.logsDir,
    stateDir: layout.stateDir,
    strategy: session.strategy,
    branch: session.branch,
    base: session.base,
    env,
    reused: reused === 'reused',
    notices: session.notices ?? [],
    session,
    git: () => callerGit(workDir, env),
    refresh: (options?: RefreshOptions) => verbs.refresh(key, options, session),
    finish: (outcome: Outcome, options?: CallOptions) => verbs.finish(key, outcome, options, session),
    cleanup,
    [Symbol.asyncDispose]: async () => {
      await cleanup()
    },
  })
}
