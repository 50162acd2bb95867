import { z } from 'zod'
import { IntegrityError } from '../errors/workspace-error.js'

/** A record that a schema refused. */
export interface RefusedRecord {
  /** What it is to a person: "session record". */
  readonly what: string
  readonly file: string
  readonly value: unknown
  /** The newest format that this version reads. */
  readonly known: number
  readonly problem: z.ZodError
}

const versionSchema = z.object({ formatVersion: z.number() })

/** The error RECORD_CORRUPT for it, which names the file and the fields, or the newer format that it has. */
export function unreadableRecord({ what, file, value, known, problem }: RefusedRecord): IntegrityError {
  const formatVersion = versionSchema.safeParse(value).data?.formatVersion ?? known
  if (formatVersion > known) {
    const message = `the ${what} was written by a newer version of this package: ${file}`
    return new IntegrityError('RECORD_CORRUPT', message, {
      data: { file, formatVersion, known },
      hint: 'Update git-task-isolation; the record was left as it is.',
    })
  }
  const fields = problem.issues.map((issue) => issue.path.join('.'))
  return new IntegrityError('RECORD_CORRUPT', `the ${what} cannot be read: ${file}`, {
    data: { file, fields },
  })
}
