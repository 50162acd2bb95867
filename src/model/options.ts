import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors/workspace-error.js'
import { absolutePath } from './absolute-path.js'
import { type Limits, limitFields, limitsOf } from './limits.js'
import { parseInput } from './parse.js'

/**
 * What happens to work that exists nowhere else when its workspace is removed.
 *
 * @see {@link WorkspaceError}
 */
export type OnUnsavedWork = 'archive' | 'refuse' | 'discard'

/**
 * How fresh a base must be. `require`: a failed fetch fails prepare. `prefer`: it warns and the mirror is
 * used as it is. `offline`: nothing is ever fetched. A fetch younger than `maxAgeMs` (milliseconds) is not repeated.
 *
 * @example
 * const freshness: Freshness = { mode: 'prefer', maxAgeMs: 60_000 }
 * const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-7', source, freshness })
 * workspace.base?.stale // => false
 */
export interface Freshness {
  /** What is done about the remote. */
  readonly mode: 'require' | 'prefer' | 'offline'
  /** How old a fetch may be that is not repeated, in milliseconds; default 0. */
  readonly maxAgeMs?: number | undefined
}

/** Parsed freshness. */
export interface FreshnessSettings {
  readonly mode: Freshness['mode']
  readonly maxAgeMs: number
}

/**
 * How long what is kept by a sweep; ages in days, which may be fractions.
 *
 * @example
 * const retention: RetentionPolicy = { maxAgeDays: 3, failedMaxAgeDays: 14, maxTotalBytes: 50 * 1024 ** 3 }
 * const manager = new WorkspaceManager({ root: '/srv/agents', retention })
 */
export interface RetentionPolicy {
  /** Whether failed tasks stay for debugging; default true. A cleanup keeps them, a sweep until `failedMaxAgeDays`. */
  readonly keepFailed?: boolean | undefined
  /** Finished workspaces, and those that nobody has changed since their owner ended; default 7. */
  readonly maxAgeDays?: number | undefined
  /** Default: `maxAgeDays`. */
  readonly failedMaxAgeDays?: number | undefined
  /** Default 30. */
  readonly archiveMaxAgeDays?: number | undefined
  /**
   * Above so many bytes of disk blocks, for all that is swept together, finished workspaces go before their time, the
   * oldest first. Default: no limit.
   */
  readonly maxTotalBytes?: number | undefined
}

/**
 * The options of a manager that are plain data; every one has a default.
 *
 * @see {@link WorkspaceManagerOptions}
 */
export interface ManagerOptions extends Limits {
  /** Holds `managed-repos/`. Default: `GIT_TASK_ROOT`, else the platform's data directory. `~` expands. */
  readonly root?: string | undefined
  /** The strategy of requests that name none; default `clone`. */
  readonly strategy?: string | undefined
  /**
   * Default `agent/{agent}/{task}`, and with a run id `agent/{agent}/run-{run}/task-{task}`; of a task that is called
   * `run-{run}` itself `agent/{agent}/{task}@{run}`. `{run}` is `none` where there is no run.
   */
  readonly branchTemplate?: string | undefined
  /** Default `{ mode: 'prefer', maxAgeMs: 0 }`. */
  readonly freshness?: Freshness | undefined
  /** What cleanups and sweeps keep; every part has a default. */
  readonly retention?: RetentionPolicy | undefined
  /** Default `archive`. */
  readonly onUnsavedWork?: OnUnsavedWork | undefined
  /** How long a call waits for a lock, in milliseconds; default 60,000. */
  readonly lockTimeoutMs?: number | undefined
  /** A git process that says nothing for so many milliseconds is stopped; default 300,000. */
  readonly gitTimeoutMs?: number | undefined
  /** How many checkouts run at once; default: available parallelism × 2. */
  readonly maxConcurrentCheckouts?: number | undefined
  /** Default true. */
  readonly auditLog?: boolean | undefined
}

/** Parsed options: nothing left to guess. */
export interface ManagerSettings {
  readonly root: string
  readonly strategy: string
  readonly branchTemplate: string | undefined
  readonly freshness: FreshnessSettings
  readonly retention: RetentionSettings
  readonly onUnsavedWork: OnUnsavedWork
  readonly lockTimeoutMs: number
  readonly gitTimeoutMs: number
  /** Undefined: nothing is limited. */
  readonly limits: Limits | undefined
  readonly maxConcurrentCheckouts: number
  readonly auditLog: boolean
}

export interface RetentionSettings {
  readonly keepFailed: boolean
  readonly maxAgeDays: number
  /** Undefined: the same as `maxAgeDays`, also where a call gives another one. */
  readonly failedMaxAgeDays: number | undefined
  readonly archiveMaxAgeDays: number
  readonly maxTotalBytes: number | undefined
}

const days = z.number().nonnegative()
const milliseconds = z.number().int().positive().max(2_147_483_647)

export const unsavedWorkSchema = z.enum(['archive', 'refuse', 'discard'])

export const freshnessSchema = z.strictObject({
  mode: z.enum(['require', 'prefer', 'offline']),
  maxAgeMs: z.number().nonnegative().optional(),
})

export const retentionSchema = z.strictObject({
  keepFailed: z.boolean().optional(),
  maxAgeDays: days.optional(),
  failedMaxAgeDays: days.optional(),
  archiveMaxAgeDays: days.optional(),
  maxTotalBytes: z.number().int().positive().optional(),
})

const optionsSchema = z.strictObject({
  root: z
    .string()
    .min(1)
    .refine((root) => !/\p{Cc}/u.test(root), 'it contains a control character')
    .optional(),
  strategy: z.string().min(1).optional(),
  branchTemplate: z
    .string()
    .min(1)
    .refine((template) => template.includes('{task}'), 'it must contain {task}')
    .refine(
      (template) => !/\{(?!agent\}|task\}|run\}|env\})/.test(template),
      'it may use {agent}, {task}, {run} and {env}',
    )
    .optional(),
  freshness: freshnessSchema.optional(),
  retention: retentionSchema.optional(),
  onUnsavedWork: unsavedWorkSchema.optional(),
  lockTimeoutMs: milliseconds.optional(),
  gitTimeoutMs: milliseconds.optional(),
  ...limitFields,
  maxConcurrentCheckouts: z.number().int().positive().optional(),
  auditLog: z.boolean().optional(),
})

/** What the machine supplies where the caller says nothing. */
export interface OptionDefaults {
  readonly root: string
  readonly parallelism: number
}

/** @throws InputError OPTIONS_INVALID naming the option; unknown keys are refused. */
export function parseManagerOptions(input: unknown, defaults: OptionDefaults): ManagerSettings {
  const options: ManagerOptions = parseInput(optionsSchema, input, 'manager options')
  return Object.freeze({
    root: expandHome(options.root ?? defaults.root),
    strategy: options.strategy ?? 'clone',
    branchTemplate: options.branchTemplate,
    freshness: withDefaultAge(options.freshness ?? { mode: 'prefer' }),
    retention: parseRetention(options.retention ?? {}),
    onUnsavedWork: options.onUnsavedWork ?? 'archive',
    lockTimeoutMs: options.lockTimeoutMs ?? 60_000,
    gitTimeoutMs: options.gitTimeoutMs ?? 300_000,
    limits: limitsOf(options),
    maxConcurrentCheckouts: options.maxConcurrentCheckouts ?? defaults.parallelism * 2,
    auditLog: options.auditLog ?? true,
  })
}

export function withDefaultAge(freshness: Freshness): FreshnessSettings {
  return { mode: freshness.mode, maxAgeMs: freshness.maxAgeMs ?? 0 }
}

function parseRetention(policy: RetentionPolicy): RetentionSettings {
  return {
    keepFailed: policy.keepFailed ?? true,
    maxAgeDays: policy.maxAgeDays ?? 7,
    failedMaxAgeDays: policy.failedMaxAgeDays,
    archiveMaxAgeDays: policy.archiveMaxAgeDays ?? 30,
    maxTotalBytes: policy.maxTotalBytes,
  }
}

function expandHome(path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1))
  const root = absolutePath(path)
  if (root !== undefined) return root
  throw new InputError('OPTIONS_INVALID', `the root is relative, and the current folder is gone: ${path}`, {
    data: { field: 'root', path },
    hint: 'Set a root that is absolute, or go to a folder that is there.',
  })
}
