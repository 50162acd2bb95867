import { availableParallelism } from 'node:os'
import { InputError, StoppedError } from './errors/workspace-error.js'
import { type EventListener, harmless } from './events/event-bus.js'
import type { EventName } from './events/event-map.js'
import { defaultRoot } from './fs/default-root.js'
import type { ArchiveRecord } from './model/archive-record.js'
import {
  type ArchivesOptions,
  type CallOptions,
  type ListOptions,
  parseArchivesOptions,
  parseCallOptions,
  parseCleanupOptions,
  parseEnvId,
  parseKey,
  parseListOptions,
  parseSweepOptions,
} from './model/call-options.js'
import type { DiskUsageReport } from './model/disk-usage-report.js'
import { managedRepoCheckoutPath } from './model/layout.js'
import { type ManagerOptions, parseManagerOptions } from './model/options.js'
import { assertObject } from './model/parse.js'
import { type PrepareRequest, parsePrepareRequest } from './model/prepare-request.js'
import type { CleanupOptions, CleanupReport, RefreshOptions, RefreshReport } from './model/reports.js'
import { parseRestore, type RestoreOptions, type RestoreTarget } from './model/restore-options.js'
import type { Outcome, SessionRecord } from './model/session-record.js'
import type { SweepOptions, SweepReport } from './model/sweep-report.js'
import type { WorkspaceKey } from './model/workspace-key.js'
import { cleanupAll } from './operations/cleanup-all.js'
import { reportDiskUsage } from './operations/disk-usage.js'
import { ensureEnvironment } from './operations/environment-folder.js'
import { findStrategy } from './operations/find-strategy.js'
import { findReady, listSessions } from './operations/inspect.js'
import { listArchives } from './operations/list-archives.js'
import { openServices } from './operations/open-services.js'
import { prepare } from './operations/prepare.js'
import { restore } from './operations/restore.js'
import { RunningCalls } from './operations/running-calls.js'
import type { Services } from './operations/services.js'
import { withEnvironment } from './operations/session-lock.js'
import { SessionVerbs } from './operations/session-verbs.js'
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
  readonly #verbs: SessionVerbs

  /** @throws InputError OPTIONS_INVALID naming the option; unknown keys are refused. */
  constructor(options: WorkspaceManagerOptions = {}) {
    const { strategies, ...plain } = assertObject(options, 'manager options')
    const defaults = { root: defaultRoot(process.env), parallelism: availableParallelism() }
    const settings = parseManagerOptions(plain, defaults)
    this.#services = openServices(settings, parseStrategies(strategies))
    this.#verbs = new SessionVerbs(this.#services, this.#calls)
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
      return workspaceHandle(this.#verbs, this.root, record, reused ? 'reused' : 'new')
    })
  }

  /** The workspace of a key; undefined where there is none that can be worked in. */
  async get(key: WorkspaceKey, options?: CallOptions): Promise<Workspace | undefined> {
    const parsed = parseKey(key)
    return this.#calls.run(parseCallOptions(options).signal, async () => {
      const record = await findReady(this.#services, parsed)
      return record && workspaceHandle(this.#verbs, this.root, record, 'reused')
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
    return this.#verbs.refresh(key, options)
  }

  /** Records how a task ended and releases its reservation. Idempotent; the first outcome counts. */
  async finish(key: WorkspaceKey, outcome: Outcome, options?: CallOptions): Promise<SessionRecord> {
    return this.#verbs.finish(key, outcome, options)
  }

  /**
   * Removes a workspace unless policy keeps it: work that exists nowhere else is archived first, or as the policy says.
   * Idempotent. The files are out of the way when it resolves, and are deleted in the background.
   *
   * @throws IntegrityError ARCHIVE_FAILED, or with the policy `refuse` UNSAVED_WORK listing what exists nowhere else;
   * the workspace stays as it was.
   */
  async cleanup(key: WorkspaceKey, options?: CleanupOptions): Promise<CleanupReport> {
    return this.#verbs.cleanup(key, options)
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
   * Takes away what is old enough by the policy, and puts right what killed processes left. Workspaces go by the same
   * cleanup as ever, so that work in them is archived first; those of living owners stay, and so does whatever
   * nobody can tell. Idempotent; any number of sweeps may run at once. With `dryRun` it only says what it would do.
   */
  async sweep(options?: SweepOptions): Promise<SweepReport> {
    const settings = parseSweepOptions(options)
    return this.#calls.run(settings.signal, (signal) => sweep(this.#services, { ...settings, signal }))
  }

  /**
   * What everything takes on the disk, in one environment or in all: real blocks, and what several share by hard links
   * once. It reads every folder, without any lock; of 500 workspaces with 1,000 files each that is a matter of seconds.
   */
  async diskUsage(envId?: string, options?: CallOptions): Promise<DiskUsageReport> {
    const parsed = envId === undefined ? undefined : parseEnvId(envId)
    return this.#calls.run(parseCallOptions(options).signal, (signal) =>
      reportDiskUsage(this.#services, { envId: parsed, signal }),
    )
  }

  /** What was archived of workspaces that are gone, the newest first. */
  async archives(filter?: ArchivesOptions): Promise<ArchiveRecord[]> {
    const options = parseArchivesOptions(filter)
    return this.#calls.run(options.signal, () => listArchives(this.#services, options))
  }

  /**
   * Brings an archived workspace back as it was, in its own place or in another task's; the archive stays.
   *
   * @throws IntegrityError WORKSPACE_MISSING naming the field; ContentionError SESSION_TAKEN or BRANCH_TAKEN.
   */
  async restore(target: RestoreTarget, options?: RestoreOptions): Promise<Workspace> {
    const request = parseRestore(target, options)
    return this.#calls.run(request.signal, async (signal) => {
      const record = await restore(this.#services, { ...request, signal })
      return workspaceHandle(this.#verbs, this.root, record, 'new')
    })
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
    return this.#calls.run(parseCallOptions(options).signal, async (signal, within) => {
      await ensureEnvironment(this.#services, parsed)
      return withEnvironment(this.#services, parsed, signal, (held) => within(() => action(held)))
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

  /**
   * Stops calls that are running, waits until they have undone what they began, and refuses further ones. What is still
   * being deleted after a second goes on in a process of its own.
   */
  async close(): Promise<void> {
    await this.#calls.close(new StoppedError('MANAGER_CLOSED', 'the manager was closed'))
    await this.#services.deletions.close()
    await this.#services.git.close()
    await this.#services.lease.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
