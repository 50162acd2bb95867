import { z } from 'zod'
import { unreadableRecord } from './unreadable-record.js'

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

/** @throws IntegrityError RECORD_CORRUPT naming the file, and saying so where a newer version wrote it. */
export function parseEnvironmentRecord(value: unknown, file: string): EnvironmentRecord {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw unreadableRecord({
    what: 'environment record',
    file,
    value,
    known: ENVIRONMENT_FORMAT,
    problem: result.error,
  })
}
