import { type CodeOf, ERROR_CODES, type ErrorCode, type ErrorFamily } from './error-code.js'

/**
 * A value that survives `JSON.stringify` unchanged.
 *
 * @see {@link ErrorData}
 */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/**
 * Facts about an error, for programs and logs. Never holds a secret.
 *
 * @example
 * const error = await manager.prepare({ envId: 'shop', taskId: '-x' }).catch((reason: unknown) => reason)
 * isWorkspaceError(error) && error.data // => { field: 'taskId', value: '-x' }
 */
export type ErrorData = Readonly<Record<string, JsonValue>>

/**
 * What an error is made with, beyond its code and its message.
 *
 * @see {@link IntegrityError}
 */
export interface ErrorDetails {
  /** The values behind the message. */
  readonly data?: ErrorData
  /** Replaces the code's general hint where the place that throws knows better. */
  readonly hint?: string
  /** Replaces what is generally true of the code. */
  readonly retryable?: boolean
  /** What it comes from. */
  readonly cause?: unknown
}

// A registered symbol is the same in the ESM and the CommonJS build, where `instanceof` is not.
const brand = Symbol.for('git-task-isolation.WorkspaceError')

/**
 * The base of every error this package throws on purpose.
 *
 * `message` is a short fact, `data` holds the values, `hint` says what to do, `retryable` whether the
 * same call may succeed later. No secret ever appears in any of them.
 *
 * @example
 * try {
 *   await manager.cleanup(key, { onUnsavedWork: 'refuse' })
 * } catch (error) {
 *   if (!(error instanceof WorkspaceError)) throw error
 *   console.error(`${error.code}: ${error.message}. ${error.hint}`)
 * }
 */
export abstract class WorkspaceError extends Error {
  /** The reason, for programs. */
  readonly code: ErrorCode
  /** The values behind the message. */
  readonly data: ErrorData
  /** What to do about it. */
  readonly hint: string
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = new.target.name
    this.code = code
    this.data = Object.freeze({ ...details.data })
    this.hint = details.hint ?? ERROR_CODES[code].hint
    this.retryable = details.retryable ?? ERROR_CODES[code].retryable
    Object.defineProperty(this, brand, { value: true })
  }

  /**
   * The error as data, for logs and for `--json`; the cause is left out.
   *
   * @example
   * const error = new IntegrityError('TAMPERED', 'the lock is a folder')
   * JSON.parse(JSON.stringify(error)).code // => 'TAMPERED'
   */
  toJSON(): Pick<WorkspaceError, 'name' | 'code' | 'message' | 'data' | 'hint' | 'retryable'> {
    const { name, code, message, data, hint, retryable } = this
    return { name, code, message, data, hint, retryable }
  }
}

abstract class FamilyError<Family extends ErrorFamily> extends WorkspaceError {
  // Narrows the code to the family's own, so that a wrong pairing does not compile.
  constructor(code: CodeOf<Family>, message: string, details?: ErrorDetails) {
    super(code, message, details)
  }
}

/**
 * The caller asked for something that cannot be: nothing was created.
 *
 * @example
 * const error = await manager.prepare({ envId: '../x', taskId: 'y' }).catch((reason: unknown) => reason)
 * error instanceof InputError && error.code // => 'ID_INVALID'
 */
export class InputError extends FamilyError<'input'> {}

/**
 * Somebody else holds what was asked for.
 *
 * @example
 * const error = await manager.prepare({ ...key, source, ifExists: 'fail' }).catch((reason: unknown) => reason)
 * error instanceof ContentionError && error.code // => 'SESSION_TAKEN'
 */
export class ContentionError extends FamilyError<'contention'> {}

/**
 * git, or the remote behind it, did not do what was asked.
 *
 * @example
 * const request = { envId: 'shop', taskId: 'task-7', source, baseRef: 'no-such-branch' }
 * const error = await manager.prepare(request).catch((reason: unknown) => reason)
 * error instanceof GitError && error.code // => 'GIT_REF_MISSING'
 */
export class GitError extends FamilyError<'git'> {}

/**
 * What is on disk is not what it should be, or work would be lost.
 *
 * @example
 * const error = await manager.cleanup(key, { onUnsavedWork: 'refuse' }).catch((reason: unknown) => reason)
 * error instanceof IntegrityError && error.code // => 'UNSAVED_WORK'
 *
 * // What a strategy of your own throws where a refresh would overwrite work:
 * new IntegrityError('NOT_FAST_FORWARD', 'the checkout has changes', { data: { files: 2 } })
 */
export class IntegrityError extends FamilyError<'integrity'> {}

/**
 * The work was stopped by the caller.
 *
 * @example
 * const error = await manager.list({ signal: AbortSignal.abort() }).catch((reason: unknown) => reason)
 * error instanceof StoppedError && error.code // => 'ABORTED'
 */
export class StoppedError extends FamilyError<'stopped'> {}

/**
 * Whether a caught value is an error of this package, from whichever build (ESM or CommonJS) it came.
 *
 * @example
 * const error = await manager.prepare({ envId: '../x', taskId: 'y' }).catch((reason: unknown) => reason)
 * isWorkspaceError(error) && error.retryable // => false
 */
export function isWorkspaceError(value: unknown): value is WorkspaceError {
  return typeof value === 'object' && value !== null && brand in value
}

/**
 * Whether a caught value is an error of this package with one of these codes.
 *
 * @example
 * const error = await manager.cleanup(key, { onUnsavedWork: 'refuse' }).catch((reason: unknown) => reason)
 * hasErrorCode(error, 'UNSAVED_WORK', 'ARCHIVE_FAILED') // => true
 */
export function hasErrorCode<Code extends ErrorCode>(
  value: unknown,
  ...codes: readonly Code[]
): value is WorkspaceError & Readonly<Record<'code', Code>> {
  return isWorkspaceError(value) && codes.some((code) => code === value.code)
}
