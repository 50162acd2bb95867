import { z } from 'zod'
import { IntegrityError } from '../errors/workspace-error.js'

/** What was in a caller's folder before context files were written into it: enough to put it back. */
export interface ContextJournal {
  readonly directory: string
  /** Folders that did not exist, outermost first. */
  readonly createdDirectories: readonly string[]
  readonly files: readonly { readonly path: string; readonly before: 'absent' | 'saved' }[]
}

const schema = z.strictObject({
  directory: z.string(),
  createdDirectories: z.array(z.string()),
  files: z.array(z.strictObject({ path: z.string(), before: z.enum(['absent', 'saved']) })),
})

/** @throws IntegrityError RECORD_CORRUPT naming the file. */
export function parseContextJournal(value: unknown, file: string): ContextJournal {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new IntegrityError('RECORD_CORRUPT', 'the journal of context files cannot be read', {
    data: { file },
  })
}
