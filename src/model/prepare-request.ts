import { z } from 'zod'
import type { Identity } from './asked-for.js'
import { type Limits, limitFields, limitsOf } from './limits.js'
import { type Freshness, freshnessSchema } from './options.js'
import { parseInput } from './parse.js'
import { type Shape, shapeFields, shapeOf } from './shape.js'
import { type Credentials, parseSource, type Source, type SourceInput, sourceSchema } from './source.js'
import { assertKey, type WorkspaceKey } from './workspace-key.js'

/**
 * What an agent is told about its task; written to `.agent_context/`.
 *
 * @example
 * import { readFile } from 'node:fs/promises'
 *
 * const context: AgentContext = { issueTitle: 'Add login', acceptanceCriteria: ['tests pass'] }
 * const { workDir } = await manager.prepare({ envId: 'shop', taskId: 'task-7', source, context })
 * const issue = await readFile(`${workDir}/.agent_context/issue_context.md`, 'utf8')
 * issue.includes('- [ ] tests pass') // => true
 */
export interface AgentContext {
  /** The first heading of `issue_context.md`; default: Task. */
  readonly issueTitle?: string | undefined
  /** What is to be done, in Markdown. */
  readonly issueDescription?: string | undefined
  /** Written as a checklist. */
  readonly acceptanceCriteria?: readonly string[] | undefined
  /** Links and paths worth reading, written as a list. */
  readonly contextRefs?: readonly string[] | undefined
  /** What an agent should know about where it works, in Markdown. */
  readonly workspaceContext?: string | undefined
  /** What an agent can do here: a text, or one of each. */
  readonly agentSkills?: string | readonly string[] | undefined
  /** More files under `.agent_context/`, by relative path. */
  readonly files?: Readonly<Record<string, string>> | undefined
}

/**
 * What a call is waiting for.
 *
 * @example
 * const onProgress = ({ phase, percent }: Progress) => console.log(phase, percent ?? '')
 * await manager.prepare({ envId: 'shop', taskId: 'task-7', source, onProgress })
 */
export interface Progress {
  /** What a prepare waits for: a lock, the remote, the files of the checkout, or the task's own files. */
  readonly phase: 'lock' | 'fetch' | 'checkout' | 'context'
  /** 0 to 100, where git tells. */
  readonly percent?: number
}

/**
 * A request for a workspace.
 *
 * @example
 * const request: PrepareRequest = {
 *   envId: 'shop', taskId: 'task-42', runId: '2', source,
 *   strategy: 'worktree', baseRef: 'main', agentName: 'coder',
 *   context: { issueTitle: 'Add login' },
 *   taskFiles: { 'client-config.json': { retries: 3 } },
 * }
 * const workspace = await manager.prepare(request)
 * workspace.branch // => 'agent/coder/run-2/task-task-42'
 */
export interface PrepareRequest extends WorkspaceKey {
  /** URL or local path of the repository; absent: a plain directory. */
  readonly source?: SourceInput | undefined
  /** By name; default: the manager's, and `directory` where there is no source. */
  readonly strategy?: string | undefined
  /** Branch, tag or commit to start from; default: the remote's default branch. */
  readonly baseRef?: string | undefined
  /** The branch to create; default from the manager's template; `false`: detached HEAD. */
  readonly branch?: string | false | undefined
  /** What to do where another one has the branch: `fail` (default), or take the next free name. */
  readonly onBranchTaken?: 'fail' | 'suffix' | undefined
  /**
   * Where the task has a workspace: `reuse` it (default), `recreate` it with its unsaved work archived
   * first, or `fail`.
   */
  readonly ifExists?: 'reuse' | 'recreate' | 'fail' | undefined
  /**
   * Where the remote or git fails: `fail` (default), or make a plain `directory`, which the workspace's
   * `strategy` tells.
   */
  readonly onGitFailure?: 'fail' | 'directory' | undefined
  /** Default: the manager's. */
  readonly freshness?: Freshness | undefined
  /** `own`: a clone that needs the mirror no more; default `borrowed`. For `clone`. */
  readonly objects?: Shape['objects']
  /** How many commits of history the task sees, from the base on. For `clone`. */
  readonly depth?: number | undefined
  /** A partial mirror: what is left out is fetched when it is needed. The environment's first request decides. */
  readonly filter?: Shape['filter']
  /** Folders to check out; of the others only files directly in folders above them. */
  readonly sparse?: readonly string[] | undefined
  /** Instead of the manager's; see there. A later refresh keeps to it. */
  readonly maxRepositoryBytes?: number | undefined
  /** Instead of the manager's; see there. A later refresh keeps to it. */
  readonly maxFiles?: number | undefined
  /** A part of the branch's name, and `AGENT_NAME` for the agent; default in branch names: `default`. */
  readonly agentName?: string | undefined
  /** Of the caller's; goes into the record, events and the audit log. */
  readonly workflowRunId?: string | undefined
  /** Of the caller's; goes into the record, events and the audit log. */
  readonly taskRunId?: string | undefined
  /** Of the caller's; goes into the record. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** What the agent is told about its task. */
  readonly context?: AgentContext | undefined
  /** Files under the task's folder, outside the checkout, by relative path; objects are written as JSON. */
  readonly taskFiles?: Readonly<Record<string, string | object>> | undefined
  /** Who the agent commits as; default: the user's own git configuration, else a name made of the agent's. */
  readonly identity?: Identity | undefined
  /** For the source's host; written for this task only, and never into a record, an event or a message. */
  readonly credentials?: Credentials | undefined
  /** Ends the call, which then rejects with ABORTED and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined
  /** Told what the call is waiting for. One that throws breaks nothing. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** A parsed request. */
export interface PrepareSettings
  extends Omit<PrepareRequest, keyof WorkspaceKey | keyof Shape | keyof Limits | 'source' | 'credentials'> {
  readonly key: WorkspaceKey
  readonly source: Source | undefined
  readonly credentials: Credentials | undefined
  readonly shape: Shape | undefined
  /** What the request has its own limits of. */
  readonly limits: Limits | undefined
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
  taskFiles: z
    .record(z.string().min(1).max(1000), z.union([z.string(), z.looseObject({}), z.array(z.unknown())]))
    .optional(),
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
  ...limitFields,
  ...agentFields,
  workflowRunId: oneLine.optional(),
  taskRunId: oneLine.optional(),
  metadata: z.record(z.string(), z.string()).optional(),
})

/**
 * Checks a request completely before anything is created.
 *
 * @throws InputError ID_INVALID, SOURCE_INVALID, REF_INVALID or OPTIONS_INVALID, naming the field.
 */
export function parsePrepareRequest(input: unknown): PrepareSettings {
  const request = parseInput(requestSchema, input, 'the request')
  const { envId, taskId, runId, source, credentials, objects, depth, filter, sparse, ...more } = request
  const { maxRepositoryBytes, maxFiles, ...rest } = more
  const key = assertKey({ envId, taskId, runId })
  const parsed = source === undefined ? undefined : parseSource(source)
  const shape = shapeOf({ objects, depth, filter, sparse })
  return Object.freeze({
    ...rest,
    key,
    shape,
    limits: limitsOf({ maxRepositoryBytes, maxFiles }),
    source: parsed,
    credentials: credentials ?? parsed?.credentials,
  })
}
