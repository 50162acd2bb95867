import { z } from 'zod'
import type { DoctorOptions } from './doctor-report.js'
import { retentionSchema, unsavedWorkSchema } from './options.js'
import { parseInput } from './parse.js'
import { signalSchema } from './prepare-request.js'
import type { CleanupOptions, RefreshOptions } from './reports.js'
import type { Outcome } from './session-record.js'
import type { StatusLook } from './session-status.js'
import type { SweepOptions } from './sweep-report.js'
import { assertId, assertKey, type WorkspaceKey } from './workspace-key.js'

/**
 * Options of calls that have nothing else to be told.
 *
 * @example
 * const signal = AbortSignal.timeout(60_000)
 * await manager.finish(key, 'succeeded', { signal })
 */
export interface CallOptions {
  /** Ends the call, which then rejects with ABORTED and leaves nothing half done. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Which sessions are listed.
 *
 * @see {@link Manager.list}
 */
export interface ListOptions extends CallOptions {
  /** One environment only; default: all. */
  readonly envId?: string | undefined
  /** Only sessions that have come so far. */
  readonly state?: 'reserved' | 'preparing' | 'ready' | 'finished' | 'removing' | undefined
  /** Only tasks that ended so. */
  readonly outcome?: Outcome | undefined
}

/**
 * Which sessions are looked at, and how closely.
 *
 * @see {@link Manager.status}
 */
export interface StatusOptions extends ListOptions {
  /** What is looked for beyond what costs nothing; default: none. */
  readonly look?: readonly StatusLook[] | undefined
  /** Told after each workspace that was looked into. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
}

/**
 * Which archives are listed.
 *
 * @see {@link Manager.archives}
 */
export interface ArchivesOptions extends CallOptions {
  /** One environment only; default: all. */
  readonly envId?: string | undefined
  /** One task only, with all of its runs. */
  readonly taskId?: string | undefined
}

const outcomeSchema = z.enum(['succeeded', 'failed', 'cancelled'])
const keySchema = z.looseObject({ envId: z.string(), taskId: z.string(), runId: z.string().optional() })
const callSchema = z.strictObject({ signal: signalSchema.optional() })

const listSchema = z.strictObject({
  envId: z.string().optional(),
  state: z.enum(['reserved', 'preparing', 'ready', 'finished', 'removing']).optional(),
  outcome: outcomeSchema.optional(),
  signal: signalSchema.optional(),
})

const statusSchema = z.strictObject({
  ...listSchema.shape,
  look: z.array(z.enum(['unsaved-work', 'size'])).optional(),
  onProgress: z
    .custom<NonNullable<StatusOptions['onProgress']>>((value) => typeof value === 'function')
    .optional(),
})

const doctorSchema = z.strictObject({
  mode: z.enum(['look', 'fix']).optional(),
  signal: signalSchema.optional(),
})

const archivesSchema = z.strictObject({
  envId: z.string().optional(),
  taskId: z.string().optional(),
  signal: signalSchema.optional(),
})

const refreshSchema = z.strictObject({
  mode: z.enum(['fast-forward', 'rebase', 'reset']).optional(),
  signal: signalSchema.optional(),
})

const cleanupSchema = z.strictObject({
  outcome: outcomeSchema.optional(),
  onUnsavedWork: unsavedWorkSchema.optional(),
  includeIgnored: z.union([z.literal(true), z.array(z.string().min(1)).min(1)]).optional(),
  keep: z.enum(['nothing', 'artifacts']).optional(),
  keepFailed: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  signal: signalSchema.optional(),
})

const sweepSchema = z.strictObject({
  ...retentionSchema.shape,
  envId: z.string().optional(),
  dryRun: z.boolean().optional(),
  now: z.date().optional(),
  signal: signalSchema.optional(),
})

/** A key as given; more than its own parts is allowed, so that a record or a request can be one. */
export function parseKey(value: unknown): WorkspaceKey {
  return assertKey(parseInput(keySchema, value, 'the key'))
}

export function parseEnvId(value: unknown): string {
  const { envId } = parseInput(z.object({ envId: z.string() }), { envId: value }, 'the environment')
  assertId('envId', envId)
  return envId
}

export function parseOutcome(value: unknown): Outcome {
  return parseInput(z.object({ outcome: outcomeSchema }), { outcome: value }, 'the outcome').outcome
}

export function parseCallOptions(value: unknown): CallOptions {
  return parseInput(callSchema, value ?? {}, 'the options')
}

export function parseListOptions(value: unknown): ListOptions {
  const options = parseInput(listSchema, value ?? {}, 'the filter')
  if (options.envId !== undefined) assertId('envId', options.envId)
  return options
}

export function parseStatusOptions(value: unknown): StatusOptions {
  const options = parseInput(statusSchema, value ?? {}, 'the filter')
  if (options.envId !== undefined) assertId('envId', options.envId)
  return options
}

export function parseDoctorOptions(value: unknown): DoctorOptions {
  return parseInput(doctorSchema, value ?? {}, 'the options')
}

export function parseArchivesOptions(value: unknown): ArchivesOptions {
  const options = parseInput(archivesSchema, value ?? {}, 'the filter')
  if (options.envId !== undefined) assertId('envId', options.envId)
  if (options.taskId !== undefined) assertId('taskId', options.taskId)
  return options
}

export function parseRefreshOptions(value: unknown): RefreshOptions {
  return parseInput(refreshSchema, value ?? {}, 'the refresh options')
}

export function parseSweepOptions(value: unknown): SweepOptions {
  const options = parseInput(sweepSchema, value ?? {}, 'the sweep options')
  if (options.envId !== undefined) assertId('envId', options.envId)
  return options
}

export function parseCleanupOptions(value: unknown): CleanupOptions {
  return parseInput(cleanupSchema, value ?? {}, 'the cleanup options')
}
