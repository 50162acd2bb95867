import { z } from 'zod'
import { type Freshness, freshnessSchema } from './options.js'
import { parseInput } from './parse.js'
import { type Shape, shapeFields, shapeOf } from './shape.js'
import { type Credentials, parseSource, type Source, type SourceInput, sourceSchema } from './source.js'
import { assertKey, type WorkspaceKey } from './workspace-key.js'

/** What an agent is told about its task; written to `.agent_context/`. */
export interface AgentContext {
  readonly issueTitle?: string | undefined
  readonly issueDescription?: string | undefined
  readonly acceptanceCriteria?: readonly string[] | undefined
  readonly contextRefs?: readonly string[] | undefined
  readonly workspaceContext?: string | undefined
  readonly agentSkills?: string | readonly string[] | undefined
  /** More files under `.agent_context/`, by relative path. */
  readonly files?: Readonly<Record<string, string>> | undefined
}

export interface Progress {
  readonly phase: 'lock' | 'fetch' | 'checkout' | 'context'
  /** 0 to 100, where git tells. */
  readonly percent?: number
}

/** A request for a workspace. */
export interface PrepareRequest extends WorkspaceKey {
  /** URL or local path of the repository; absent: a plain directory. */
  readonly source?: SourceInput | undefined
  readonly strategy?: string | undefined
  /** Branch, tag or commit to start from; default: the remote's default branch. */
  readonly baseRef?: string | undefined
  /** The branch to create; default from the manager's template; `false`: detached HEAD. */
  readonly branch?: string | false | undefined
  readonly onBranchTaken?: 'fail' | 'suffix' | undefined
  readonly ifExists?: 'reuse' | 'recreate' | 'fail' | undefined
  readonly onGitFailure?: 'fail' | 'directory' | undefined
  readonly freshness?: Freshness | undefined
  /** `own`: a clone that needs the mirror no more; default `borrowed`. For `clone`. */
  readonly objects?: Shape['objects']
  /** How many commits of history the task sees, from the base on. For `clone`. */
  readonly depth?: number | undefined
  /** A partial mirror: what is left out is fetched when it is needed. The environment's first request decides. */
  readonly filter?: Shape['filter']
  /** Folders to check out; of the others only files directly in folders above them. */
  readonly sparse?: readonly string[] | undefined
  readonly agentName?: string | undefined
  readonly workflowRunId?: string | undefined
  readonly taskRunId?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly context?: AgentContext | undefined
  /** Files under the task's folder, outside the checkout, by relative path; objects are written as JSON. */
  readonly taskFiles?: Readonly<Record<string, string | object>> | undefined
  readonly identity?: { readonly name: string; readonly email: string } | undefined
  readonly credentials?: Credentials | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** A parsed request. */
export interface PrepareSettings
  extends Omit<PrepareRequest, keyof WorkspaceKey | keyof Shape | 'source' | 'credentials'> {
  readonly key: WorkspaceKey
  readonly source: Source | undefined
  readonly credentials: Credentials | undefined
  readonly shape: Shape | undefined
  readonly onBranchTaken: 'fail' | 'suffix'
  readonly ifExists: 'reuse' | 'recreate' | 'fail'
  readonly onGitFailure: 'fail' | 'directory'
}

const CONTROL = /\p{Cc}/u
const shortText = z.string().min(1).max(1000)
const oneLine = shortText.refine((value) => !CONTROL.test(value), 'it contains a control character')
const files = z.record(z.string().min(1).max(1000), z.string())
const identityPart = oneLine.refine((value) => !/[<>]/.test(value), 'it contains "<" or ">"')

const contextSchema = z.strictObject({
  issueTitle: z.string().optional(),
  issueDescription: z.string().optional(),
  acceptanceCriteria: z.array(z.string()).optional(),
  contextRefs: z.array(z.string()).optional(),
  workspaceContext: z.string().optional(),
  agentSkills: z.union([z.string(), z.array(z.string())]).optional(),
  files: files.optional(),
})

export const signalSchema = z.custom<AbortSignal>(
  (value) => typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
  'it must be an AbortSignal',
)

/** What a request says of the agent, and of the call itself; a restore takes the same. */
export const agentFields = {
  agentName: oneLine.optional(),
  context: contextSchema.optional(),
  identity: z.strictObject({ name: identityPart, email: identityPart }).optional(),
  credentials: z
    .strictObject({ username: oneLine.optional(), token: oneLine, host: oneLine.optional() })
    .optional(),
  signal: signalSchema.optional(),
  onProgress: z
    .custom<(progress: Progress) => void>((value) => typeof value === 'function', 'it must be a function')
    .optional(),
}

const requestSchema = z.strictObject({
  envId: z.string(),
  taskId: z.string(),
  runId: z.string().optional(),
  source: sourceSchema.optional(),
  strategy: z.string().min(1).optional(),
  baseRef: oneLine.optional(),
  branch: z.union([oneLine, z.literal(false)]).optional(),
  onBranchTaken: z.enum(['fail', 'suffix']).default('fail'),
  ifExists: z.enum(['reuse', 'recreate', 'fail']).default('reuse'),
  onGitFailure: z.enum(['fail', 'directory']).default('fail'),
  freshness: freshnessSchema.optional(),
  ...shapeFields,
  ...agentFields,
  workflowRunId: oneLine.optional(),
  taskRunId: oneLine.optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  taskFiles: z
    .record(z.string().min(1).max(1000), z.union([z.string(), z.looseObject({}), z.array(z.unknown())]))
    .optional(),
})

/**
 * Checks a request completely before anything is created.
 *
 * @throws InputError ID_INVALID, SOURCE_INVALID, REF_INVALID or OPTIONS_INVALID, naming the field.
 */
export function parsePrepareRequest(input: unknown): PrepareSettings {
  const request = parseInput(requestSchema, input, 'the request')
  const { envId, taskId, runId, source, credentials, objects, depth, filter, sparse, ...rest } = request
  const key = assertKey({ envId, taskId, runId })
  const parsed = source === undefined ? undefined : parseSource(source)
  const shape = shapeOf({ objects, depth, filter, sparse })
  return Object.freeze({
    ...rest,
    key,
    shape,
    source: parsed,
    credentials: credentials ?? parsed?.credentials,
  })
}
