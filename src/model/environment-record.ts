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

/** @throws IntegrityError RECORD_CORRUPT naming the file, and saying so where a newer version wrote it. */
export function parseEnvironmentRecord(value: unknown, file: string): EnvironmentRecord {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const version = z.object({ formatVersion: z.number() }).safeParse(value)
  if (version.success && version.data.formatVersion > ENVIRONMENT_FORMAT) {
    throw new IntegrityError('RECORD_CORRUPT', `${file} was written by a newer version of this package`, {
      data: { file, formatVersion: version.data.formatVersion, known: ENVIRONMENT_FORMAT },
      hint: 'Update git-task-isolation; the record was left as it is.',
    })
  }
  throw new IntegrityError('RECORD_CORRUPT', `the environment record ${file} cannot be read`, {
    data: { file },
  })
}
