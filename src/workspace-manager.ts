import { availableParallelism } from 'node:os'
import { InputError, StoppedError } from './errors/workspace-error.js'
import { type EventListener, harmless } from './events/event-bus.js'
import type { EventName } from './events/event-map.js'
import { defaultRoot } from './fs/default-root.js'
import { asStorageFailure } from './fs/storage-failure.js'
import type { Manager } from './manager.js'
import type { ArchiveRecord } from './model/archive-record.js'
import { type AuditLine, type AuditOptions, parseAuditOptions } from './model/audit-entry.js'
import {
  type ArchivesOptions,
  type CallOptions,
  type ListOptions,
  parseArchivesOptions,
  parseCallOptions,
  parseCleanupOptions,
  parseDoctorOptions,
  parseEnvId,
  parseKey,
  parseListOptions,
  parseStatusOptions,
  parseSweepOptions,
  type StatusOptions,
} from './model/call-options.js'
import type { DiskUsageReport } from './model/disk-usage-report.js'
import type { DoctorOptions, DoctorReport } from './model/doctor-report.js'
import { managedRepoCheckoutPath } from './model/layout.js'
import { type ManagerOptions, parseManagerOptions } from './model/options.js'
import { assertObject } from './model/parse.js'
import { type PrepareRequest, parsePrepareRequest } from './model/prepare-request.js'
import type { CleanupOptions, CleanupReport, RefreshOptions, RefreshReport } from './model/reports.js'
import { parseRestore, type RestoreOptions, type RestoreTarget } from './model/restore-options.js'
import type { Outcome, SessionRecord } from './model/session-record.js'
import type { SessionStatus } from './model/session-status.js'
import type { SweepOptions, SweepReport } from './model/sweep-report.js'
import type { WorkspaceKey } from './model/workspace-key.js'
import { cleanupAll } from './operations/cleanup-all.js'
import { reportDiskUsage } from './operations/disk-usage.js'
import { doctor } from './operations/doctor/doctor.js'
import { ensureEnvironment } from './operations/environment-folder.js'
import { findStrategy } from './operations/find-strategy.js'
import { findReady, listSessions } from './operations/inspect.js'
import { listArchives } from './operations/list-archives.js'
import { openServices } from './operations/open-services.js'
import { prepare } from './operations/prepare.js'
import { readAudit } from './operations/read-audit.js'
import { restore } from './operations/restore.js'
import { RunningCalls } from './operations/running-calls.js'
import type { Services } from './operations/services.js'
import { withEnvironment } from './operations/session-lock.js'
import { SessionVerbs } from './operations/session-verbs.js'
import { sessionStatus } from './operations/status.js'
import { sweep } from './operations/sweep.js'
import { parseStrategies } from './strategies/parse-strategies.js'
import type { Strategy } from './strategies/strategy.js'
import { type Workspace, workspaceHandle } from './workspace.js'

/**
 * The options of a manager; every one has a default. {@link ManagerOptions} has those that are plain data.
 *
 * @example
 * const options: WorkspaceManagerOptions = { root: '/srv/agents', strategy: 'worktree', lockTimeoutMs: 10_000 }
 * const manager = new WorkspaceManager(options)
 */
export interface WorkspaceManagerOptions extends ManagerOptions {
  /** Custom strategies, found by their names. */
  readonly strategies?: readonly Strategy[] | undefined
}

/**
 * Gives every task its own isolated workspace. Any number of managers, in any number of processes, may share
 * one root. What each method does stands at {@link Manager}.
 *
 * @example
 * import { spawn } from 'node:child_process'
 * import { WorkspaceManager } from 'git-task-isolation'
 *
 * const manager = new WorkspaceManager({ root: '/srv/agents' })
 * const workspace = await manager.prepare({
 *   envId: 'shop', taskId: 'task-42', source: 'https://example.org/shop.git',
 * })
 * const env = { ...process.env, ...workspace.env }
 * spawn('git', ['status'], { cwd: workspace.workDir, env, stdio: 'inherit' })
 */
export class WorkspaceManager implements Manager {
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

  checkoutPath(envId: string, taskId?: string, runId?: string): string {
    return managedRepoCheckoutPath(this.root, envId, taskId, runId)
  }

  async prepare(request: PrepareRequest): Promise<Workspace> {
    const settings = parsePrepareRequest(request)
    const onProgress = settings.onProgress && harmless(settings.onProgress)
    return this.#calls.run(settings.signal, async (signal) => {
      const { record, reused } = await prepare(this.#services, { ...settings, onProgress, signal })
      return workspaceHandle(this.#verbs, this.root, record, reused ? 'reused' : 'new')
    })
  }

  async get(key: WorkspaceKey, options?: CallOptions): Promise<Workspace | undefined> {
    const parsed = parseKey(key)
    return this.#calls.run(parseCallOptions(options).signal, async () => {
      const record = await findReady(this.#services, parsed)
      return record && workspaceHandle(this.#verbs, this.root, record, 'reused')
    })
  }

  async list(filter?: ListOptions): Promise<SessionRecord[]> {
    const options = parseListOptions(filter)
    return this.#calls.run(options.signal, () => listSessions(this.#services, options))
  }

  async status(options?: StatusOptions): Promise<SessionStatus[]> {
    const settings = parseStatusOptions(options)
    const onProgress = settings.onProgress && harmless(settings.onProgress)
    return this.#run(settings.signal, (signal) =>
      sessionStatus(this.#services, { ...settings, onProgress, signal }),
    )
  }

  async refresh(key: WorkspaceKey, options?: RefreshOptions): Promise<RefreshReport> {
    return this.#verbs.refresh(key, options)
  }

  async finish(key: WorkspaceKey, outcome: Outcome, options?: CallOptions): Promise<SessionRecord> {
    return this.#verbs.finish(key, outcome, options)
  }

  async cleanup(key: WorkspaceKey, options?: CleanupOptions): Promise<CleanupReport> {
    return this.#verbs.cleanup(key, options)
  }

  async cleanupAll(envId: string, options?: CleanupOptions): Promise<CleanupReport[]> {
    const parsed = parseEnvId(envId)
    const settings = parseCleanupOptions(options)
    return this.#run(settings.signal, (signal) => cleanupAll(this.#services, parsed, { ...settings, signal }))
  }

  async sweep(options?: SweepOptions): Promise<SweepReport> {
    const settings = parseSweepOptions(options)
    return this.#run(settings.signal, (signal) => sweep(this.#services, { ...settings, signal }))
  }

  async diskUsage(envId?: string, options?: CallOptions): Promise<DiskUsageReport> {
    const parsed = envId === undefined ? undefined : parseEnvId(envId)
    return this.#run(parseCallOptions(options).signal, (signal) =>
      reportDiskUsage(this.#services, { envId: parsed, signal }),
    )
  }

  async doctor(options?: DoctorOptions): Promise<DoctorReport> {
    const settings = parseDoctorOptions(options)
    return this.#run(settings.signal, (signal) => doctor(this.#services, { ...settings, signal }))
  }

  async archives(filter?: ArchivesOptions): Promise<ArchiveRecord[]> {
    const options = parseArchivesOptions(filter)
    return this.#run(options.signal, () => listArchives(this.#services, options))
  }

  async restore(target: RestoreTarget, options?: RestoreOptions): Promise<Workspace> {
    const request = parseRestore(target, options)
    return this.#run(request.signal, async (signal) => {
      const record = await restore(this.#services, { ...request, signal })
      return workspaceHandle(this.#verbs, this.root, record, 'new')
    })
  }

  audit(envId: string, options?: AuditOptions): AsyncIterable<AuditLine> {
    const settings = parseAuditOptions(envId, options)
    return this.#calls.stream(settings.signal, (signal) => readAudit(this.#services, settings, signal))
  }

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

  async close(): Promise<void> {
    await this.#calls.close(new StoppedError('MANAGER_CLOSED', 'the manager was closed'))
    await this.#services.deletions.close()
    await this.#services.git.close()
    await this.#services.lease.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What the system refused is said with the path that it was about. */
  #run<T>(signal: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#calls.run(signal, async (combined) => {
      try {
        return await call(combined)
      } catch (error) {
        throw asStorageFailure(error, this.root)
      }
    })
  }
}
