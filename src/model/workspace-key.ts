import { InputError } from '../errors/workspace-error.js'

/**
 * Names one workspace: an environment, a task in it, and for a retry the run.
 *
 * @example
 * const key: WorkspaceKey = { envId: 'shop', taskId: 'task-42' }
 * const again: WorkspaceKey = { ...key, runId: '2' }
 */
export interface WorkspaceKey {
  /** The environment: what shares a mirror, as a repository or a customer. */
  readonly envId: string
  /** The task; unique in its environment. */
  readonly taskId: string
  /** Tells the runs of one task apart; absent where there is but one. */
  readonly runId?: string | undefined
}

export type IdField = 'envId' | 'taskId' | 'runId'

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** Why a value cannot be an id, or undefined when it can. Nothing is ever stripped to make an id fit. */
export function idProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'it is no text'
  if (value === '') return 'it is empty'
  if (value.length > 100) return `it has ${value.length} characters, and 100 are allowed`
  if (!ID_PATTERN.test(value))
    return 'only letters, digits, ".", "_" and "-" are allowed, the first a letter or digit'
  if (value.includes('..')) return 'it contains ".."'
  if (value.endsWith('.')) return 'it ends in "."'
  if (/\.lock$/i.test(value)) return 'it ends in ".lock"'
  if (WINDOWS_DEVICE.test(value)) return 'it is a device name on Windows'
  return undefined
}

/** Refuses a value that cannot be an id, naming the field. */
export function assertId(field: IdField, value: unknown): void {
  const problem = idProblem(value)
  if (problem === undefined) return
  throw new InputError('ID_INVALID', `${field} cannot be used as an id: ${problem}`, {
    data: { field, value: String(value).slice(0, 120) },
  })
}

/** Refuses a key with an unusable part; returns it with nothing but its own parts. */
export function assertKey(key: WorkspaceKey): WorkspaceKey {
  assertId('envId', key.envId)
  assertId('taskId', key.taskId)
  if (key.runId === undefined) return { envId: key.envId, taskId: key.taskId }
  assertId('runId', key.runId)
  return { envId: key.envId, taskId: key.taskId, runId: key.runId }
}

/** The task's name on disk: `<task>` or `<task>@<run>`. Unambiguous, since no id contains "@". */
export function sessionName(key: Pick<WorkspaceKey, 'taskId' | 'runId'>): string {
  return key.runId === undefined ? key.taskId : `${key.taskId}@${key.runId}`
}

/** The key of a task's name on disk; undefined for a name that no task has. */
export function parseSessionName(envId: string, name: string): WorkspaceKey | undefined {
  const [taskId, runId, ...more] = name.split('@')
  if (more.length > 0 || idProblem(taskId) !== undefined || taskId === undefined) return undefined
  if (runId === undefined) return { envId, taskId }
  return idProblem(runId) === undefined ? { envId, taskId, runId } : undefined
}

/** Nothing but the key of something that has one. */
export function sessionKey({ envId, taskId, runId }: WorkspaceKey): WorkspaceKey {
  return runId === undefined ? { envId, taskId } : { envId, taskId, runId }
}

/** The key as people write it: `shop/task-42@2`. */
export function describeKey(key: WorkspaceKey): string {
  return `${key.envId}/${sessionName(key)}`
}
