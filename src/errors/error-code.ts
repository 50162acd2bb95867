/**
 * The families errors belong to; each is a class that can be caught with `instanceof`.
 *
 * @see {@link WorkspaceError}
 */
export type ErrorFamily = 'input' | 'contention' | 'git' | 'integrity' | 'stopped'

/**
 * What is always true of a code.
 *
 * @see {@link ERROR_CODES}
 */
export interface ErrorFacts<Family extends ErrorFamily = ErrorFamily> {
  /** Which class its errors are of. */
  readonly family: Family
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean
  /** What to do about it, when the place that throws knows nothing better. */
  readonly hint: string
}

function facts<const Family extends ErrorFamily>(
  family: Family,
  retryable: boolean,
  hint: string,
): ErrorFacts<Family> {
  return { family, retryable, hint }
}

/**
 * Every error code with its family; the table is the single source for classes, docs and checks.
 *
 * @example
 * ERROR_CODES.GIT_NETWORK.retryable // => true
 */
export const ERROR_CODES = {
  /** An option, a field of a request or an environment variable cannot be used. */
  OPTIONS_INVALID: facts('input', false, 'Correct the option named in the message.'),
  /** An environment, task or run id cannot be a folder name; ids are never changed to fit. */
  ID_INVALID: facts(
    'input',
    false,
    'Use 1 to 100 letters, digits, ".", "_" or "-", starting with a letter or digit.',
  ),
  /** A branch or base is named in a way that git does not allow, or that could be taken for an option. */
  REF_INVALID: facts('input', false, 'Give a name that `git check-ref-format --branch` accepts.'),
  /** The source is no repository that can be used, or another one than the environment has. */
  SOURCE_INVALID: facts('input', false, 'Give the URL or the local path of a git repository.'),
  /** No strategy has this name. */
  STRATEGY_UNKNOWN: facts('input', false, 'Use a built-in strategy or register yours in `strategies`.'),
  /** A path leads out of the folder it belongs in, or is a name that the manager uses itself. */
  PATH_OUTSIDE_ROOT: facts('input', false, 'Give a relative path that stays inside its folder.'),
  /** Another call or process holds the session, or has a workspace where none was to be. */
  SESSION_TAKEN: facts(
    'contention',
    true,
    'Finish the session that holds it, or choose another task or run id.',
  ),
  /** The branch exists already, is in use, or is in the way of one that does. */
  BRANCH_TAKEN: facts('contention', false, "Choose another branch, or set onBranchTaken to 'suffix'."),
  /** A lock was not to be had in time; the data name its holder. */
  LOCK_TIMEOUT: facts('contention', true, 'Try again, or raise lockTimeoutMs.'),
  /** There is no git on PATH. */
  GIT_MISSING: facts('git', false, 'Install git 2.34 or newer and put it on PATH.'),
  /** The git on PATH lacks what is needed. */
  GIT_TOO_OLD: facts('git', false, 'Install git 2.34 or newer.'),
  /** The remote refused the credentials, or its host key is not known. */
  GIT_AUTH: facts('git', false, 'Give credentials that may read the repository.'),
  /** The remote could not be reached, is not there, or did not prove who it is. */
  GIT_NETWORK: facts('git', true, 'Check the address and the network, then try again.'),
  /** The base that was asked for is not in the source. */
  GIT_REF_MISSING: facts('git', false, 'Name a branch, tag or commit that exists in the source.'),
  /** The source has no commits yet. */
  GIT_REPOSITORY_EMPTY: facts('git', false, 'Push a first commit to the source.'),
  /** A git process said nothing for too long and was stopped. */
  GIT_TIMEOUT: facts('git', true, 'Try again, or raise gitTimeoutMs.'),
  /** git failed in a way that has no code of its own. */
  GIT_FAILED: facts('git', false, 'Read the stderr in the error data.'),
  /** The source needs more than a limit of the manager allows. */
  LIMIT_EXCEEDED: facts('git', false, 'Look at the source, then raise the limit named in the message.'),
  /** One of the manager's own files cannot be read, or is of a newer version. */
  RECORD_CORRUPT: facts('integrity', false, 'Look at the file named in the error data.'),
  /** There is no such workspace or archive, or its folder is gone. */
  WORKSPACE_MISSING: facts('integrity', false, 'Prepare the workspace first.'),
  /** The workspace has work that exists nowhere else, and the policy is to refuse; the data list it. */
  UNSAVED_WORK: facts('integrity', false, "Push the work, or set onUnsavedWork to 'discard' to lose it."),
  /** A refresh would have to overwrite changes or commits; nothing was touched. */
  NOT_FAST_FORWARD: facts(
    'integrity',
    false,
    "Commit or stash the changes, or choose the mode 'rebase' or 'reset'.",
  ),
  /** Work that exists nowhere else could not be archived; the workspace is as it was. */
  ARCHIVE_FAILED: facts('integrity', true, 'The workspace was left as it was; mend the cause and try again.'),
  /** Something that belongs to the manager was changed or replaced by somebody else. */
  TAMPERED: facts('integrity', false, 'Something that the manager wrote was changed; look before going on.'),
  /** Something that a failed call had made could not be removed again; the data list it. */
  ROLLBACK_INCOMPLETE: facts('integrity', false, 'Remove what the error data lists, or sweep.'),
  /** No space, or no quota, is left on the disk. */
  DISK_FULL: facts('integrity', true, 'Free disk space and try again.'),
  /** The call's signal was aborted. */
  ABORTED: facts('stopped', true, 'The caller stopped it; nothing new was left behind.'),
  /** The manager was closed before the call or in the middle of it. */
  MANAGER_CLOSED: facts('stopped', false, 'Create a new WorkspaceManager.'),
} as const satisfies Record<string, ErrorFacts>

/**
 * A stable, documented reason: what programs switch on.
 *
 * @see {@link hasErrorCode}
 */
export type ErrorCode = keyof typeof ERROR_CODES

/**
 * The codes of one family.
 *
 * @example
 * const code: CodeOf<'git'> = 'GIT_AUTH'
 */
export type CodeOf<Family extends ErrorFamily> = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code]['family'] extends Family ? Code : never
}[ErrorCode]
