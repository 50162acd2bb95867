import { availableParallelism } from 'node:os'
import { InputError, StoppedError } from './errors/workspace-error.js'
import { type EventListener, harmless } from './events/event-bus.js'
import type { EventName } from './events/event-map.js'
import { defaultRoot } from './fs/default-root.js'
import {
  type CallOptions,
  type ListOptions,
  parseCallOptions,
  parseCleanupOptions,
  parseEnvId,
  parseKey,
  parseListOptions,
  parseOutcome,
  parseRefreshOptions,
  parseSweepOptions,
} from './model/call-options.js'
import { managedRepoCheckoutPath } from './model/layout.js'
import { type ManagerOptions, parseManagerOptions } from './model/options.js'
import { type PrepareRequest, parsePrepareRequest } from './model/prepare-request.js'
import type { CleanupOptions, CleanupReport, RefreshOptions, RefreshReport } from './model/reports.js'
import type { Outcome, SessionRecord } from './model/session-record.js'
import type { SweepOptions, SweepReport } from './model/sweep-report.js'
import type { WorkspaceKey } from './model/workspace-key.js'
import { cleanup } from './operations/cleanup.js'
import { cleanupAll } from './operations/cleanup-all.js'
import { ensureEnvironment } from './operations/environment-folder.js'
import { findStrategy } from './operations/find-strategy.js'
import { finish } from './operations/finish.js'
import { findReady, listSessions } from './operations/inspect.js'
import { openServices } from './operations/open-services.js'
import { prepare } from './operations/prepare.js'
import { refresh } from './operations/refresh.js'
import { RunningCalls } from './operations/running-calls.js'
import type { Services } from './operations/services.js'
import { withEnvironment } from './operations/session-lock.js'
import { sweep } from './operations/sweep.js'
import { parseStrategies } from './strategies/parse-strategies.js'
import type { Strategy } from './strategies/strategy.js'
import { type Workspace, workspaceHandle } from './workspace.js'

export interface WorkspaceManagerOptions extends ManagerOptions {
  /** Custom strategies, found by their names. */
  readonly strategies?: readonly Strategy[] | undefined
}

/**
 * Gives every task its own isolated workspace. Any number of managers, in any number of processes, may share
 * one root.
 *
 * @example
 * const manager = new WorkspaceManager({ root: '/srv/agents' })
 * const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-42', source: 'https://example.org/shop.git' })
 * spawn('agent', [], { cwd: workspace.workDir, env: { ...process.env, ...workspace.env } })
 */
export class WorkspaceManager implements AsyncDisposable {
  readonly root: string
  readonly #services: Services
  readonly #calls = new RunningCalls()

  /** @throws InputError OPTIONS_INVALID naming the option; unknown keys are refused. */
  constructor(options: WorkspaceManagerOptions = {}) {
    const { strategies, ...plain } = objectOf(options)
    const defaults = { root: defaultRoot(process.env), parallelism: availableParallelism() }
    const settings = parseManagerOptions(plain, defaults)
    this.#services = openServices(settings, parseStrategies(strategies))
    findStrategy(this.#services, settings.strategy)
    this.root = settings.root
  }

  /** The folder of a task, or of its environment; pure. */
  checkoutPath(envId: string, taskId?: string, runId?: string): string {
    return managedRepoCheckoutPath(this.root, envId, taskId, runId)
  }

  /**
   * Gives a task its workspace: the one it has, or a new one. Idempotent. A rejection leaves no directory,
   * branch, registration, record or lock behind that was not there before.
   */
  async prepare(request: PrepareRequest): Promise<Workspace> {
    const settings = parsePrepareRequest(request)
    const onProgress = settings.onProgress && harmless(settings.onProgress)
    return this.#calls.run(settings.signal, async (signal) => {
      const { record, reused } = await prepare(this.#services, { ...settings, onProgress, signal })
      return workspaceHandle(this, this.root, record, reused ? 'reused' : 'new')
    })
  }

  /** The workspace of a key; undefined where there is none that can be worked in. */
  async get(key: WorkspaceKey, options?: CallOptions): Promise<Workspace | undefined> {
    const parsed = parseKey(key)
    return this.#calls.run(parseCallOptions(options).signal, async () => {
      const record = await findReady(this.#services, parsed)
      return record && workspaceHandle(this, this.root, record, 'reused')
    })
  }

  /** Every session, by key; also those whose workspace is being made or removed. */
  async list(filter?: ListOptions): Promise<SessionRecord[]> {
    const options = parseListOptions(filter)
    return this.#calls.run(options.signal, () => listSessions(this.#services, options))
  }

  /**
   * Brings a workspace up to date with the ref it was made from.
   *
   * @throws IntegrityError NOT_FAST_FORWARD when changes or commits would be overwritten; nothing was touched.
   */
  async refresh(key: WorkspaceKey, options?: RefreshOptions): Promise<RefreshReport> {
    const parsed = parseKey(key)
    const settings = parseRefreshOptions(options)
    return this.#calls.run(settings.signal, (signal) =>
      refresh(this.#services, parsed, { ...settings, signal }),
    )
  }

  /** Records how a task ended and releases its reservation. Idempotent; the first outcome counts. */
  async finish(key: WorkspaceKey, outcome: Outcome, options?: CallOptions): Promise<SessionRecord> {
    const parsed = parseKey(key)
    const parsedOutcome = parseOutcome(outcome)
    return this.#calls.run(parseCallOptions(options).signal, (signal) =>
      finish(this.#services, parsed, parsedOutcome, signal),
    )
  }

  /**
   * Removes a workspace unless policy keeps it. Idempotent.
   *
   * @throws IntegrityError UNSAVED_WORK listing what exists nowhere else; the workspace stays as it was.
   */
  async cleanup(key: WorkspaceKey, options?: CleanupOptions): Promise<CleanupReport> {
    const parsed = parseKey(key)
    const settings = parseCleanupOptions(options)
    return this.#calls.run(settings.signal, (signal) =>
      cleanup(this.#services, parsed, { ...settings, signal }),
    )
  }

  /** Cleans up every workspace of an environment. One that cannot be removed is reported as kept, and why. */
  async cleanupAll(envId: string, options?: CleanupOptions): Promise<CleanupReport[]> {
    const parsed = parseEnvId(envId)
    const settings = parseCleanupOptions(options)
    return this.#calls.run(settings.signal, (signal) =>
      cleanupAll(this.#services, parsed, { ...settings, signal }),
    )
  }

  /**
   * Puts right what killed processes left: completes or undoes their half-done work, takes short-lived files away,
   * sets unreadable records aside, and reports what no record knows. What nobody can tell is kept. Idempotent; with
   * `dryRun` it only says what it would do.
   */
  async sweep(options?: SweepOptions): Promise<SweepReport> {
    const settings = parseSweepOptions(options)
    return this.#calls.run(settings.signal, (signal) => sweep(this.#services, { ...settings, signal }))
  }

  /**
   * Runs an action while holding the environment's lock, the same that prepares and cleanups of all processes
   * take: keep it short, and do not call the manager in it. The action's signal is aborted when the lock was lost,
   * which happens to a holder on another host that was suspended for a minute.
   *
   * @throws ContentionError LOCK_TIMEOUT naming the holder; at once where the caller holds it already.
   */
  async withLock<T>(
    envId: string,
    action: (signal: AbortSignal) => Promise<T>,
    options?: CallOptions,
  ): Promise<T> {
    const parsed = parseEnvId(envId)
    if (typeof action !== 'function')
      throw new InputError('OPTIONS_INVALID', 'withLock needs an action to run')
    return this.#calls.run(parseCallOptions(options).signal, async (signal) => {
      await ensureEnvironment(this.#services, parsed)
      return withEnvironment(this.#services, parsed, signal, action)
    })
  }

  on<Name extends EventName>(name: Name, listener: EventListener<Name>): this {
    this.#services.events.on(name, listener)
    return this
  }

  once<Name extends EventName>(name: Name, listener: EventListener<Name>): this {
    this.#services.events.once(name, listener)
    return this
  }

  off<Name extends EventName>(name: Name, listener: EventListener<Name>): this {
    this.#services.events.off(name, listener)
    return this
  }

  /** Stops calls that are running, waits until they have undone what they began, and refuses further ones. */
  async close(): Promise<void> {
    await this.#calls.close(new StoppedError('MANAGER_CLOSED', 'the manager was closed'))
    await this.#services.git.close()
    await this.#services.lease.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Also from JavaScript, where anything may be passed. */
function objectOf(options: WorkspaceManagerOptions): WorkspaceManagerOptions {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options
  throw new InputError('OPTIONS_INVALID', 'manager options must be an object')
}
