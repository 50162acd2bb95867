import { z } from 'zod'

/**
 * How much of a repository is taken in; what is absent is not limited.
 *
 * @example
 * const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-7', source, maxFiles: 50_000 })
 */
export interface Limits {
  /** For the packs of the environment's mirror on disk, and for the files of a checkout together; default: no limit. */
  readonly maxRepositoryBytes?: number | undefined
  /** How many files a checkout may have; default: no limit. */
  readonly maxFiles?: number | undefined
}

const count = z.number().int().positive()

export const limitFields = {
  maxRepositoryBytes: count.optional(),
  maxFiles: count.optional(),
}

/** What a record keeps. */
export const limitsSchema = z.object(limitFields)

/** Undefined where nothing is limited. */
export function limitsOf({ maxRepositoryBytes, maxFiles }: Limits): Limits | undefined {
  if (maxRepositoryBytes === undefined && maxFiles === undefined) return undefined
  return { maxRepositoryBytes, maxFiles }
}

/** The manager's limits, but for those that a request has its own of. */
export function effectiveLimits(general: Limits | undefined, own: Limits | undefined): Limits {
  return {
    maxRepositoryBytes: own?.maxRepositoryBytes ?? general?.maxRepositoryBytes,
    maxFiles: own?.maxFiles ?? general?.maxFiles,
  }
}
