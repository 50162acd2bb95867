/** The families errors belong to; each is a class that can be caught with `instanceof`. */
export type ErrorFamily = 'input' | 'contention' | 'git' | 'integrity' | 'stopped'

interface ErrorFacts<Family extends ErrorFamily = ErrorFamily> {
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

/** Every error code with its family; the table is the single source for classes, docs and checks. */
export const ERROR_CODES = {
  OPTIONS_INVALID: facts('input', false, 'Correct the option named in the message.'),
  ID_INVALID: facts(
    'input',
    false,
    'Use 1 to 100 letters, digits, ".", "_" or "-", starting with a letter or digit.',
  ),
  REF_INVALID: facts('input', false, 'Give a name that `git check-ref-format --branch` accepts.'),
  SOURCE_INVALID: facts('input', false, 'Give the URL or the local path of a git repository.'),
  STRATEGY_UNKNOWN: facts('input', false, 'Use a built-in strategy or register yours in `strategies`.'),
  PATH_OUTSIDE_ROOT: facts('input', false, 'Give a relative path that stays inside its folder.'),
  SESSION_TAKEN: facts(
    'contention',
    true,
    'Finish the session that holds it, or choose another task or run id.',
  ),
  BRANCH_TAKEN: facts('contention', false, "Choose another branch, or set onBranchTaken to 'suffix'."),
  LOCK_TIMEOUT: facts('contention', true, 'Try again, or raise lockTimeoutMs.'),
  GIT_MISSING: facts('git', false, 'Install git 2.34 or newer and put it on PATH.'),
  GIT_TOO_OLD: facts('git', false, 'Install git 2.34 or newer.'),
  GIT_AUTH: facts('git', false, 'Give credentials that may read the repository.'),
  GIT_NETWORK: facts('git', true, 'Check the address and the network, then try again.'),
  GIT_REF_MISSING: facts('git', false, 'Name a branch, tag or commit that exists in the source.'),
  GIT_REPOSITORY_EMPTY: facts('git', false, 'Push a first commit to the source.'),
  GIT_TIMEOUT: facts('git', true, 'Try again, or raise gitTimeoutMs.'),
  GIT_FAILED: facts('git', false, 'Read the stderr in the error data.'),
  RECORD_CORRUPT: facts('integrity', false, 'Look at the file named in the error data.'),
  WORKSPACE_MISSING: facts('integrity', false, 'Prepare the workspace first.'),
  UNSAVED_WORK: facts('integrity', false, "Push the work, or set onUnsavedWork to 'discard' to lose it."),
  NOT_FAST_FORWARD: facts(
    'integrity',
    false,
    "Commit or stash the changes, or choose the mode 'rebase' or 'reset'.",
  ),
  ARCHIVE_FAILED: facts('integrity', true, 'The workspace was left as it was; mend the cause and try again.'),
  TAMPERED: facts('integrity', false, 'Something that the manager wrote was changed; look before going on.'),
  ROLLBACK_INCOMPLETE: facts('integrity', false, 'Remove what the error data lists, or sweep.'),
  DISK_FULL: facts('integrity', true, 'Free disk space and try again.'),
  ABORTED: facts('stopped', true, 'The caller stopped it; nothing new was left behind.'),
  MANAGER_CLOSED: facts('stopped', false, 'Create a new WorkspaceManager.'),
} as const satisfies Record<string, ErrorFacts>

/** A stable, documented reason: what programs switch on. */
export type ErrorCode = keyof typeof ERROR_CODES

/** The codes of one family. */
export type CodeOf<Family extends ErrorFamily> = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code]['family'] extends Family ? Code : never
}[ErrorCode]
