import { type CodeOf, ERROR_CODES, type ErrorCode, type ErrorFamily } from './error-code.js'

/** A value that survives `JSON.stringify` unchanged. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** Facts about an error, for programs and logs. Never holds a secret. */
export type ErrorData = Readonly<Record<string, JsonValue>>

export interface ErrorDetails {
  readonly data?: ErrorData
  /** Replaces the code's general hint where the place that throws knows better. */
  readonly hint?: string
  readonly retryable?: boolean
  readonly cause?: unknown
}

// A registered symbol is the same in the ESM and the CommonJS build, where `instanceof` is not.
const brand = Symbol.for('git-task-isolation.WorkspaceError')

/**
 * The base of every error this package throws on purpose.
 *
 * `message` is a short fact, `data` holds the values, `hint` says what to do, `retryable` whether the
 * same call may succeed later. No secret ever appears in any of them.
 */
export abstract class WorkspaceError extends Error {
  readonly code: ErrorCode
  readonly data: ErrorData
  readonly hint: string
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

  /** The error as data, for logs and for `--json`; the cause is left out. */
  toJSON(): {
    name: string
    code: ErrorCode
    message: string
    data: ErrorData
    hint: string
    retryable: boolean
  } {
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

/** The caller asked for something that cannot be: nothing was created. */
export class InputError extends FamilyError<'input'> {}

/** Somebody else holds what was asked for. */
export class ContentionError extends FamilyError<'contention'> {}

/** git, or the remote behind it, did not do what was asked. */
export class GitError extends FamilyError<'git'> {}

/** What is on disk is not what it should be, or work would be lost. */
export class IntegrityError extends FamilyError<'integrity'> {}

/** The work was stopped by the caller. */
export class StoppedError extends FamilyError<'stopped'> {}

/**
 * Whether a caught value is an error of this package, from whichever build (ESM or CommonJS) it came.
 *
 * @example
 * try { await manager.prepare(request) }
 * catch (error) { if (isWorkspaceError(error) && error.retryable) retryLater() }
 */
export function isWorkspaceError(value: unknown): value is WorkspaceError {
  return typeof value === 'object' && value !== null && brand in value
}

/** Whether a caught value is an error of this package with one of these codes. */
export function hasErrorCode<Code extends ErrorCode>(
  value: unknown,
  ...codes: readonly Code[]
): value is WorkspaceError & { readonly code: Code } {
  return isWorkspaceError(value) && codes.some((code) => code === value.code)
}
