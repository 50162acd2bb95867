export {
  type CodeOf,
  ERROR_CODES,
  type ErrorCode,
  type ErrorFacts,
  type ErrorFamily,
} from './errors/error-code.js'
export {
  ContentionError,
  type ErrorData,
  type ErrorDetails,
  GitError,
  hasErrorCode,
  InputError,
  IntegrityError,
  isWorkspaceError,
  type JsonValue,
  StoppedError,
  WorkspaceError,
} from './errors/workspace-error.js'
export type { EventListener } from './events/event-bus.js'
export type { EventBase, EventFacts, EventName, WarningCode, WorkspaceEvents } from './events/event-map.js'
export type { Manager } from './manager.js'
export type { ArchivedWorkspace, ArchiveRecord, WorkCounts } from './model/archive-record.js'
export type { AskedFor, Identity } from './model/asked-for.js'
export type { AuditEntry, AuditLine, AuditOptions } from './model/audit-entry.js'
export type { ArchivesOptions, CallOptions, ListOptions, StatusOptions } from './model/call-options.js'
export type { DiskUsageReport, EnvironmentUsage, WorkspaceUsage } from './model/disk-usage-report.js'
export type {
  DoctorCheck,
  DoctorFinding,
  DoctorOptions,
  DoctorRemedy,
  DoctorReport,
} from './model/doctor-report.js'
export { optionsFromEnvironment } from './model/environment-options.js'
export { managedRepoCheckoutPath } from './model/layout.js'
export type { Limits } from './model/limits.js'
export type { ObjectFormat } from './model/object-format.js'
export type { Freshness, ManagerOptions, OnUnsavedWork, RetentionPolicy } from './model/options.js'
export type { AgentContext, PrepareRequest, Progress } from './model/prepare-request.js'
export type {
  CleanupOptions,
  CleanupReport,
  RefreshMode,
  RefreshOptions,
  RefreshReport,
  UnsavedWork,
} from './model/reports.js'
export type { RestoreOptions, RestoreTarget } from './model/restore-options.js'
export type {
  Base,
  Outcome,
  Owner,
  SessionRecord,
  SessionState,
} from './model/session-record.js'
export type { OwnerState, SessionStatus, StatusLook } from './model/session-status.js'
export type { ObjectFilter, Shape, ShapePart } from './model/shape.js'
export type { Credentials, SourceInput } from './model/source.js'
export type { SweepDecision, SweepKind, SweepOptions, SweepReport } from './model/sweep-report.js'
export type { WorkspaceKey } from './model/workspace-key.js'
export { type BuiltInStrategyName, catalogue } from './strategies/catalogue.js'
export type {
  CompletionRequest,
  CreateRequest,
  RefreshMove,
  RefreshRequest,
  Strategy,
  StrategyRepository,
  StrategyTraits,
  Tree,
} from './strategies/strategy.js'
export type { Workspace } from './workspace.js'
export { WorkspaceManager, type WorkspaceManagerOptions } from './workspace-manager.js'
