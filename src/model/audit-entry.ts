import { z } from 'zod'
import type { CallOptions } from './call-options.js'
import { parseJson } from './json-text.js'
import { parseInput } from './parse.js'
import { signalSchema } from './prepare-request.js'
import { assertId } from './workspace-key.js'

/**
 * How an audit log is read.
 *
 * @see {@link Manager.audit}
 */
export interface AuditOptions extends CallOptions {
  /** Whether to go on with what is written from now on, until the signal is aborted or the loop is left. */
  readonly follow?: boolean | undefined
}

/**
 * An event as the audit log has it: these fields, and the event's own facts in snake case.
 *
 * @see {@link Manager.audit}
 */
export interface AuditEntry {
  /** ISO 8601 UTC. */
  readonly at: string
  /** The event's name, as `workspace.ready`. */
  readonly event: string
  /** `envId` of the event's key. */
  readonly env_id: string
  /** `taskId` of the event's key. */
  readonly task_id?: string | undefined
  /** `runId` of the event's key. */
  readonly run_id?: string | undefined
  /** The event's `taskRunId`. */
  readonly task_run_id?: string | undefined
  /** The event's `workflowRunId`. */
  readonly workflow_run_id?: string | undefined
  /** The event's `workDir`. */
  readonly worktree_path?: string | undefined
  /** The event's `branch`. */
  readonly git_branch?: string | undefined
  /** The process that wrote it. */
  readonly pid?: number | undefined
  readonly [fact: string]: unknown
}

/**
 * A line of the audit log.
 *
 * @see {@link Manager.audit}
 */
export interface AuditLine {
  /** As it was written, without its end. */
  readonly text: string
  /** What it says; undefined where it is no event, because a full disk tore it or somebody changed it. */
  readonly entry: AuditEntry | undefined
}

const entrySchema = z.looseObject({
  at: z.string(),
  event: z.string(),
  env_id: z.string(),
  task_id: z.string().optional(),
  run_id: z.string().optional(),
  task_run_id: z.string().optional(),
  workflow_run_id: z.string().optional(),
  worktree_path: z.string().optional(),
  git_branch: z.string().optional(),
  pid: z.number().optional(),
})

const optionsSchema = z.strictObject({ follow: z.boolean().optional(), signal: signalSchema.optional() })

export function parseAuditLine(text: string): AuditLine {
  const parsed = entrySchema.safeParse(parseJson(text))
  return { text, entry: parsed.success ? parsed.data : undefined }
}

/** @throws InputError OPTIONS_INVALID or ID_INVALID */
export function parseAuditOptions(
  envId: unknown,
  options: unknown,
): AuditOptions & { readonly envId: string } {
  const parsed = parseInput(z.object({ envId: z.string() }), { envId }, 'the environment')
  assertId('envId', parsed.envId)
  return { ...parseInput(optionsSchema, options ?? {}, 'the audit options'), envId: parsed.envId }
}
