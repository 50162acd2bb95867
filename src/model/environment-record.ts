import { z } from 'zod'
import { IntegrityError } from '../errors/workspace-error.js'

export const ENVIRONMENT_FORMAT = 1

/** What an environment is bound to: `environment.json`. */
export interface EnvironmentRecord {
  readonly formatVersion: number
  /** The repository without secrets; one environment has one, for good. */
  readonly source: string
  readonly createdAt: string
}

const schema = z.looseObject({
  formatVersion: z.literal(ENVIRONMENT_FORMAT),
  source: z.string(),
  createdAt: z.string(),
})

/** @throws IntegrityError RECORD_CORRUPT naming the file. */
export function parseEnvironmentRecord(value: unknown, file: string): EnvironmentRecord {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new IntegrityError('RECORD_CORRUPT', 'the environment record cannot be read', { data: { file } })
}
