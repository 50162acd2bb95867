import { InputError } from '../errors/workspace-error.js'
import { type ManagerOptions, type RetentionPolicy, unsavedWorkSchema } from './options.js'

/**
 * Options from environment variables, to be spread into the constructor's.
 *
 * | variable | option |
 * |---|---|
 * | `GIT_TASK_ROOT` | `root` |
 * | `GIT_TASK_STRATEGY` | `strategy` |
 * | `GIT_TASK_BRANCH_TEMPLATE` | `branchTemplate` |
 * | `GIT_TASK_ON_UNSAVED_WORK` | `onUnsavedWork` |
 * | `GIT_TASK_LOCK_TIMEOUT_MS`, `GIT_TASK_GIT_TIMEOUT_MS` | `lockTimeoutMs`, `gitTimeoutMs` |
 * | `GIT_TASK_MAX_REPOSITORY_BYTES`, `GIT_TASK_MAX_FILES` | `maxRepositoryBytes`, `maxFiles` |
 * | `GIT_TASK_CLEANUP_AGE_DAYS`, else `AGENTS_RUNNER_CLEANUP_AGE_DAYS` | `retention.maxAgeDays` |
 * | `GIT_TASK_KEEP_FAILED_TASKS`, else `AGENTS_RUNNER_KEEP_FAILED_TASKS` | `retention.keepFailed` |
 * | `GIT_TASK_FAILED_AGE_DAYS`, `GIT_TASK_ARCHIVE_AGE_DAYS` | `retention.failedMaxAgeDays`, `.archiveMaxAgeDays` |
 * | `GIT_TASK_AUDIT_LOG` | `auditLog` |
 *
 * Switches take 1/0, true/false, yes/no, on/off. An empty variable counts as absent.
 *
 * @throws InputError OPTIONS_INVALID naming the variable.
 * @example
 * optionsFromEnvironment({ GIT_TASK_STRATEGY: 'clone' }) // => { strategy: 'clone' }
 * const manager = new WorkspaceManager({ ...optionsFromEnvironment(), strategy: 'worktree' })
 */
export function optionsFromEnvironment(env: NodeJS.ProcessEnv = process.env): ManagerOptions {
  const retention: RetentionPolicy = withoutAbsent({
    maxAgeDays: number(env, 'GIT_TASK_CLEANUP_AGE_DAYS', 'AGENTS_RUNNER_CLEANUP_AGE_DAYS'),
    keepFailed: flag(env, 'GIT_TASK_KEEP_FAILED_TASKS', 'AGENTS_RUNNER_KEEP_FAILED_TASKS'),
    failedMaxAgeDays: number(env, 'GIT_TASK_FAILED_AGE_DAYS'),
    archiveMaxAgeDays: number(env, 'GIT_TASK_ARCHIVE_AGE_DAYS'),
  })
  return withoutAbsent({
    root: first(env, 'GIT_TASK_ROOT')?.value,
    strategy: first(env, 'GIT_TASK_STRATEGY')?.value,
    branchTemplate: first(env, 'GIT_TASK_BRANCH_TEMPLATE')?.value,
    onUnsavedWork: unsavedWork(env),
    lockTimeoutMs: wholeNumber(env, 'GIT_TASK_LOCK_TIMEOUT_MS', 'milliseconds'),
    gitTimeoutMs: wholeNumber(env, 'GIT_TASK_GIT_TIMEOUT_MS', 'milliseconds'),
    maxRepositoryBytes: wholeNumber(env, 'GIT_TASK_MAX_REPOSITORY_BYTES', 'bytes'),
    maxFiles: wholeNumber(env, 'GIT_TASK_MAX_FILES', 'files'),
    retention: Object.keys(retention).length === 0 ? undefined : retention,
    auditLog: flag(env, 'GIT_TASK_AUDIT_LOG'),
  })
}

interface Variable {
  readonly name: string
  readonly value: string
}

function first(env: NodeJS.ProcessEnv, ...names: readonly string[]): Variable | undefined {
  const name = names.find((candidate) => (env[candidate] ?? '').trim() !== '')
  return name === undefined ? undefined : { name, value: (env[name] ?? '').trim() }
}

function number(env: NodeJS.ProcessEnv, ...names: readonly string[]): number | undefined {
  const variable = first(env, ...names)
  if (variable === undefined) return undefined
  const value = Number(variable.value)
  if (Number.isFinite(value) && value >= 0) return value
  throw invalid(variable, 'a number that is not negative')
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, unit: string): number | undefined {
  const value = number(env, name)
  if (value === undefined || (Number.isInteger(value) && value > 0)) return value
  throw invalid({ name, value: String(value) }, `a whole number of ${unit} above 0`)
}

function flag(env: NodeJS.ProcessEnv, ...names: readonly string[]): boolean | undefined {
  const variable = first(env, ...names)
  if (variable === undefined) return undefined
  if (/^(1|true|yes|on)$/i.test(variable.value)) return true
  if (/^(0|false|no|off)$/i.test(variable.value)) return false
  throw invalid(variable, '1, 0, true, false, yes, no, on or off')
}

function unsavedWork(env: NodeJS.ProcessEnv): ManagerOptions['onUnsavedWork'] {
  const variable = first(env, 'GIT_TASK_ON_UNSAVED_WORK')
  if (variable === undefined) return undefined
  const parsed = unsavedWorkSchema.safeParse(variable.value)
  if (parsed.success) return parsed.data
  throw invalid(variable, `one of ${unsavedWorkSchema.options.join(', ')}`)
}

function invalid({ name, value }: Variable, expected: string): InputError {
  return new InputError('OPTIONS_INVALID', `the environment variable ${name} must be ${expected}`, {
    data: { field: name, value },
    hint: `Correct or unset ${name}.`,
  })
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Drops absent options, so that spreading the result overrides nothing with `undefined`. */
function withoutAbsent<T extends object>(options: T): Present<T> {
  const present: Present<T> = {}
  for (const key of keysOf(options)) {
    const value = options[key]
    if (value !== undefined) Object.assign(present, { [key]: value })
  }
  return present
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value).filter((key): key is Extract<keyof T, string> => key in value)
}
