import type { z } from 'zod'
import { InputError } from '../errors/workspace-error.js'

type InputCode = 'OPTIONS_INVALID' | 'ID_INVALID' | 'REF_INVALID' | 'SOURCE_INVALID'

/** Fields whose errors have a code of their own. */
const CODE_OF_FIELD: Readonly<Record<string, InputCode>> = {
  envId: 'ID_INVALID',
  taskId: 'ID_INVALID',
  runId: 'ID_INVALID',
  baseRef: 'REF_INVALID',
  branch: 'REF_INVALID',
  source: 'SOURCE_INVALID',
}

/** Checks a caller's value against a schema; what does not fit becomes a typed error that names the field. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  subject: string,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(result.error, subject)
}

function invalid(error: z.ZodError, subject: string): InputError {
  const issues = error.issues.map(describeIssue)
  const first = issues[0]
  const field = first?.field ?? ''
  const code = CODE_OF_FIELD[field.split('.')[0] ?? ''] ?? 'OPTIONS_INVALID'
  const problem = first ? `${first.field === '' ? '' : `${first.field}: `}${first.problem}` : 'not valid'
  // The value itself is left out: an option may hold a token.
  return new InputError(code, `${subject} cannot be used: ${problem}`, { data: { field, issues } })
}

function describeIssue(issue: z.core.$ZodIssue): { field: string; problem: string } {
  const path = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return { field: path, problem: issue.message }
  const keys = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`))
  return {
    field: keys[0] ?? path,
    problem: `unknown ${keys.length === 1 ? 'key' : 'keys'} ${keys.join(', ')}`,
  }
}

/** Gives back what is an object; JavaScript may pass anything. @throws InputError OPTIONS_INVALID */
export function assertObject<T extends object>(value: T, subject: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InputError('OPTIONS_INVALID', `${subject} must be an object`)
}
