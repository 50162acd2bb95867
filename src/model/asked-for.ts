import { z } from 'zod'
import { type Limits, limitsSchema } from './limits.js'
import { type Shape, shapeSchema } from './shape.js'

/**
 * What a workspace was asked to be; an archive keeps it as well.
 *
 * @see {@link Manager.list}
 */
export interface AskedFor {
  /** How much of the repository was asked for, where it was not all of it. */
  readonly shape?: Shape | undefined
  /** Limits that count instead of the manager's. */
  readonly limits?: Limits | undefined
  /** Without secrets. */
  readonly source?: string | undefined
  /** What `origin` names, where it is not the source itself. */
  readonly originUrl?: string | undefined
  /** As the request said. */
  readonly agentName?: string | undefined
  /** Who the agent commits as, where the caller said so. */
  readonly identity?: Identity | undefined
  /** As the request said. */
  readonly workflowRunId?: string | undefined
  /** As the request said. */
  readonly taskRunId?: string | undefined
  /** As the request said. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/**
 * Who commits are made as.
 *
 * @see {@link PrepareRequest}
 */
export interface Identity {
  /** As in `user.name`. */
  readonly name: string
  /** As in `user.email`. */
  readonly email: string
}

/** The fields of `AskedFor`. */
export const askedFor = {
  shape: shapeSchema.optional(),
  limits: limitsSchema.optional(),
  source: z.string().optional(),
  originUrl: z.string().optional(),
  agentName: z.string().optional(),
  identity: z.object({ name: z.string(), email: z.string() }).optional(),
  workflowRunId: z.string().optional(),
  taskRunId: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
}
