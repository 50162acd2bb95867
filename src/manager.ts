import type { EventListener } from './events/event-bus.js'
import type { EventName } from './events/event-map.js'
import type { ArchiveRecord } from './model/archive-record.js'
import type { AuditLine, AuditOptions } from './model/audit-entry.js'
import type { ArchivesOptions, CallOptions, ListOptions, StatusOptions } from './model/call-options.js'
import type { DiskUsageReport } from './model/disk-usage-report.js'
import type { DoctorOptions, DoctorReport } from './model/doctor-report.js'
import type { PrepareRequest } from './model/prepare-request.js'
import type { CleanupOptions, CleanupReport, RefreshOptions, RefreshReport } from './model/reports.js'
import type { RestoreOptions, RestoreTarget } from './model/restore-options.js'
import type { Outcome, SessionRecord } from './model/session-record.js'
import type { SessionStatus } from './model/session-status.js'
import type { SweepOptions, SweepReport } from './model/sweep-report.js'
import type { WorkspaceKey } from './model/workspace-key.js'
import type { Workspace } from './workspace.js'

/**
 * What a manager does. `WorkspaceManager` is one; code that takes a manager can ask for this type, so that its tests can
 * pass a stand-in.
 *
 * @example
 * async function headline(manager: Pick<Manager, 'list'>): Promise<string> {
 *   return `${(await manager.list()).length} sessions`
 * }
 * await headline({ list: async () => [] }) // => '0 sessions'
 */
export interface Manager extends AsyncDisposable {
  /** The folder that holds `managed-repos/`; absolute. */
  readonly root: string

  /**
   * The folder of a task, or of its environment; pure.
   *
   * @example
   * manager.checkoutPath('shop', 'task-42') // => '/srv/agents/managed-repos/shop/tasks/task-42'
   */
  checkoutPath(envId: string, taskId?: string, runId?: string): string

  /**
   * Gives a task its workspace: the one it has, or a new one. Idempotent. A rejection leaves no directory,
   * branch, registration, record or lock behind that was not there before.
   *
   * @example
   * const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-7', source, agentName: 'coder' })
   * workspace.branch // => 'agent/coder/task-7'
   */
  prepare(request: PrepareRequest): Promise<Workspace>

  /**
   * The workspace of a key; undefined where there is none that can be worked in.
   *
   * @example
   * const workspace = await manager.get(key)
   * workspace?.workDir // => '/srv/agents/managed-repos/shop/tasks/task-42/workdir'
   */
  get(key: WorkspaceKey, options?: CallOptions): Promise<Workspace | undefined>

  /**
   * Every session, by key; also those whose workspace is being made or removed.
   *
   * @example
   * const ready = await manager.list({ envId: 'shop', state: 'ready' })
   * ready.map(({ taskId }) => taskId) // => ['task-42']
   */
  list(filter?: ListOptions): Promise<SessionRecord[]>

  /**
   * The same with what the records do not tell: whether their owners live, and on demand what in each workspace exists
   * nowhere else and what it takes on the disk. No remote is asked. A workspace that cannot be looked into says so.
   *
   * @example
   * const [status] = await manager.status({ envId: 'shop', look: ['unsaved-work'] })
   * status?.ownerState // => 'self'
   * status?.unsavedWork?.counts.commits // => 0
   */
  status(options?: StatusOptions): Promise<SessionStatus[]>

  /**
   * Brings a workspace up to date with the ref it was made from.
   *
   * @throws IntegrityError NOT_FAST_FORWARD when changes or commits would be overwritten; nothing was touched.
   * @example
   * const { action } = await manager.refresh(key, { mode: 'rebase' })
   * action // => 'up-to-date'
   */
  refresh(key: WorkspaceKey, options?: RefreshOptions): Promise<RefreshReport>

  /**
   * Records how a task ended and releases its reservation. Idempotent; the first outcome counts.
   *
   * @example
   * const { state } = await manager.finish(key, 'succeeded')
   * state // => 'finished'
   */
  finish(key: WorkspaceKey, outcome: Outcome, options?: CallOptions): Promise<SessionRecord>

  /**
   * Removes a workspace unless policy keeps it: work that exists nowhere else is archived first, or as the policy says.
   * Idempotent. The files are out of the way when it resolves, and are deleted in the background.
   *
   * @throws IntegrityError ARCHIVE_FAILED, or with the policy `refuse` UNSAVED_WORK listing what exists nowhere else;
   * the workspace stays as it was.
   * @example
   * const { action, archive } = await manager.cleanup(key)
   * action // => 'removed'
   * archive?.contains.untracked // => 1
   */
  cleanup(key: WorkspaceKey, options?: CleanupOptions): Promise<CleanupReport>

  /**
   * Cleans up every workspace of an environment. One that cannot be removed is reported as kept, and why, and stops no
   * other.
   *
   * @example
   * const reports = await manager.cleanupAll('shop')
   * reports.map(({ action }) => action) // => ['removed']
   */
  cleanupAll(envId: string, options?: CleanupOptions): Promise<CleanupReport[]>

  /**
   * Takes away what is old enough by the policy, and puts right what killed processes left. Workspaces go by the same
   * cleanup as ever, so that work in them is archived first; those of living owners stay, and so does whatever
   * nobody can tell. Idempotent; any number of sweeps may run at once. With `dryRun` it only says what it would do.
   *
   * @example
   * const { decisions } = await manager.sweep({ dryRun: true, maxAgeDays: 1 })
   * decisions.filter(({ action }) => action === 'remove') // => []
   */
  sweep(options?: SweepOptions): Promise<SweepReport>

  /**
   * What everything takes on the disk, in one environment or in all: real blocks, and what several share by hard links
   * once. It reads every folder, without any lock; of 500 workspaces with 1,000 files each that is a matter of seconds.
   *
   * @example
   * const { totalBytes } = await manager.diskUsage('shop')
   * totalBytes > 0 // => true
   */
  diskUsage(envId?: string, options?: CallOptions): Promise<DiskUsageReport>

  /**
   * Looks whether all is as a manager needs it and left it: git, the file system, permissions, the mirrors, and what
   * killed processes left. What cannot be looked at is a finding, and stops nothing else. With the mode `fix` it puts
   * right what can be put right without losing anything.
   *
   * @example
   * const { findings, problems } = await manager.doctor()
   * problems // => 0
   * findings.filter(({ level }) => level === 'problem') // => []
   */
  doctor(options?: DoctorOptions): Promise<DoctorReport>

  /**
   * What was archived of workspaces that are gone, the newest first.
   *
   * @example
   * await manager.cleanup(key)
   * const [newest] = await manager.archives({ envId: 'shop' })
   * newest?.taskId // => 'task-42'
   */
  archives(filter?: ArchivesOptions): Promise<ArchiveRecord[]>

  /**
   * Brings an archived workspace back as it was, in its own place or in another task's; the archive stays.
   *
   * @throws IntegrityError WORKSPACE_MISSING naming the field; IntegrityError RECORD_CORRUPT where the archive, or a
   * record of it, cannot be read; ContentionError SESSION_TAKEN or BRANCH_TAKEN.
   * @example
   * await manager.cleanup(key)
   * const workspace = await manager.restore(key)
   * workspace.branch // => 'agent/default/task-42'
   */
  restore(target: RestoreTarget, options?: RestoreOptions): Promise<Workspace>

  /**
   * The environment's audit log, line by line and the oldest first; nothing where there is none. With `follow` also what
   * any process writes from then on, until the signal is aborted, the loop is left, or the manager is closed.
   *
   * @throws InputError ID_INVALID or OPTIONS_INVALID at once; StoppedError where the loop is when it is stopped.
   * @example
   * for await (const { entry } of manager.audit('shop')) console.log(entry?.event)
   */
  audit(envId: string, options?: AuditOptions): AsyncIterable<AuditLine>

  /**
   * Runs an action while holding the environment's lock, the same that prepares and cleanups of all processes
   * take: keep it short, and do not call the manager in it. The action's signal is aborted when the lock was lost,
   * which happens to a holder on another host that was suspended for a minute.
   *
   * @throws ContentionError LOCK_TIMEOUT naming the holder; at once where the caller holds it already.
   * @example
   * await manager.withLock('shop', async () => 'nobody prepares meanwhile') // => 'nobody prepares meanwhile'
   */
  withLock<T>(envId: string, action: (signal: AbortSignal) => Promise<T>, options?: CallOptions): Promise<T>

  /**
   * Calls a listener at every event of a name. One that throws breaks nothing.
   *
   * @example
   * manager.on('workspace.ready', ({ workDir, durationMs }) => console.log(workDir, durationMs))
   */
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): this

  /**
   * Calls a listener at the next event of a name, and not again.
   *
   * @example
   * manager.once('warning', ({ code, message }) => console.warn(code, message))
   */
  once<Name extends EventName>(name: Name, listener: EventListener<Name>): this

  /**
   * Calls a listener no more.
   *
   * @example
   * const warn: EventListener<'warning'> = ({ message }) => console.warn(message)
   * manager.on('warning', warn).off('warning', warn)
   */
  off<Name extends EventName>(name: Name, listener: EventListener<Name>): this

  /**
   * Stops calls that are running, waits until they have undone what they began, and refuses further ones. What is still
   * being deleted after a second goes on in a process of its own. No workspace is deleted.
   *
   * @example
   * await manager.close()
   * await manager.list().catch(({ code }) => code) // => 'MANAGER_CLOSED'
   */
  close(): Promise<void>

  /**
   * The same as {@link Manager.close}, for `await using`.
   *
   * @example
   * await using manager = new WorkspaceManager({ root: '/srv/agents' })
   */
  [Symbol.asyncDispose](): Promise<void>
}
