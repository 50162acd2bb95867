import { z } from 'zod'
import type { ArchiveRecord } from './archive-record.js'
import type { Identity } from './asked-for.js'
import { parseKey } from './call-options.js'
import { parseInput } from './parse.js'
import { type AgentContext, agentFields, type PrepareRequest, type Progress } from './prepare-request.js'
import type { Credentials } from './source.js'
import { assertId, type WorkspaceKey } from './workspace-key.js'

/**
 * What is restored: the newest archive of a key, or a certain one.
 *
 * @see {@link Manager.restore}
 */
export type RestoreTarget = WorkspaceKey | Pick<ArchiveRecord, 'archiveId' | 'envId'>

/**
 * Where an archived workspace comes back, and what is changed about it.
 *
 * @example
 * await manager.cleanup(key)
 * const workspace = await manager.restore(key, { taskId: 'second-look', onBranchTaken: 'suffix' })
 * workspace.key // => { envId: 'shop', taskId: 'second-look' }
 */
export interface RestoreOptions {
  /** The task that gets the workspace; default: the one that was archived. Its run then has no id unless one is given. */
  readonly taskId?: string | undefined
  /** The run that gets the workspace; default: the archived one, where no other task is named. */
  readonly runId?: string | undefined
  /** What to do where the archived branch is another one's by now; default `fail`. */
  readonly onBranchTaken?: 'fail' | 'suffix' | undefined
  /** Who the agent commits as; default: as before. */
  readonly identity?: Identity | undefined
  /** The agent that goes on with it; default: as before. */
  readonly agentName?: string | undefined
  /** What the agent is told about its task; default: what it was told before. */
  readonly context?: AgentContext | undefined
  /** As for a prepare. No archive holds those that the task had: they may be secret. */
  readonly taskFiles?: PrepareRequest['taskFiles']
  /** No archive holds credentials. */
  readonly credentials?: Credentials | undefined
  /** Ends the call, which then rejects with ABORTED and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined
  /** Told what the call is waiting for. One that throws breaks nothing. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

const optionsSchema = z.strictObject({
  taskId: z.string().optional(),
  runId: z.string().optional(),
  onBranchTaken: z.enum(['fail', 'suffix']).optional(),
  ...agentFields,
})

/** An id that this package made; anything else could lead out of the folder of archives. */
const archiveIdSchema = z
  .string()
  .regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._@-]{0,240}$/, 'it is no id of an archive')

/** A parsed call of `restore`. */
export interface RestoreRequest extends RestoreOptions {
  readonly target: RestoreTarget
}

/** @throws InputError ID_INVALID or OPTIONS_INVALID naming the field. */
export function parseRestore(target: unknown, value: unknown): RestoreRequest {
  const options = parseInput(optionsSchema, value ?? {}, 'the restore options')
  if (options.taskId !== undefined) assertId('taskId', options.taskId)
  if (options.runId !== undefined) assertId('runId', options.runId)
  return { ...options, target: parseTarget(target) }
}

function parseTarget(value: unknown): RestoreTarget {
  if (typeof value !== 'object' || value === null || !('archiveId' in value)) return parseKey(value)
  const schema = z.looseObject({ archiveId: archiveIdSchema, envId: z.string() })
  const { archiveId, envId } = parseInput(schema, value, 'the archive')
  assertId('envId', envId)
  return { archiveId, envId }
}
