import type { ErrorDetails } from '../errors/workspace-error.js'
import { GitError, IntegrityError, type WorkspaceError } from '../errors/workspace-error.js'
import { redact } from './redaction.js'

/** How a git process ended that did not succeed. */
export interface FailedProcess {
  /** 'git fetch' */
  readonly command: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  readonly secrets?: readonly string[]
}

type FailureCode = ConstructorParameters<typeof GitError>[0] | 'DISK_FULL'

interface FailureRule {
  readonly code: FailureCode
  readonly message: string
  readonly pattern: RegExp
  readonly details?: ErrorDetails
}

const STDERR_IN_ERRORS = 4_000

/** Names the file that git would have made, and found to be there: a lock, or a packed-refs half written. */
export const HELD_LOCK =
  /(?:Unable to create '(?<lock>.+\.lock)'|could not lock config file (?<config>.+)|unable to create file (?<packed>.+\.new)): File exists/

/** Below the first line git has forgotten why it could not write; seen of 2.39 on a full disk. */
const NO_SPACE = new RegExp(
  [
    /(?:^|: )(?:No space left on device|Disk quota exceeded)$/,
    /write error\. Out of diskspace$/,
    /^error: unable to write file '/,
    /couldn't write '/,
    /^error: failed to write new configuration file /,
  ]
    .map(({ source }) => source)
    .join('|'),
  'm',
)

/** git cuts its messages at 4,096 characters, and with a long path the reason at their end. */
const TOO_LONG =
  /^(?:error|fatal): (?:.*: File name too long$|(?:cannot create directory at|unable to create file) .{3900})/m

// In order: the first that matches decides. The words are git's, ssh's and curl's own, under LC_ALL=C.
const RULES: readonly FailureRule[] = [
  {
    code: 'DISK_FULL',
    message: 'no space is left on the disk',
    pattern: NO_SPACE,
  },
  {
    code: 'GIT_FAILED',
    message: 'a lock of the repository is held',
    pattern: HELD_LOCK,
    details: { retryable: true, hint: 'Try again when the other git in the repository has ended.' },
  },
  {
    code: 'GIT_FAILED',
    message: 'a path of the repository is longer than the file system takes',
    pattern: TOO_LONG,
    details: { hint: 'Use a root with a shorter path, or leave the source alone.' },
  },
  {
    code: 'GIT_FAILED',
    message: 'the repository belongs to another user',
    pattern: /detected dubious ownership|unsafe repository \(/,
    details: { hint: 'Let the user who runs this own the repository.' },
  },
  {
    code: 'GIT_FAILED',
    message: 'the repository is a partial clone, and lacks what is needed',
    pattern: /could not fetch [0-9a-f]+ from promisor remote/,
    details: { hint: 'Let git fetch what is missing there, or use the remote itself as the source.' },
  },
  {
    code: 'GIT_FAILED',
    message: 'the transport is not allowed',
    pattern: /transport '[^']*' not allowed/,
    details: { hint: 'Use an https, ssh or git URL.' },
  },
  {
    code: 'GIT_AUTH',
    message: 'the host key of the remote is not known or has changed',
    pattern: /Host key verification failed/,
    details: { hint: 'Add the host key to known_hosts.' },
  },
  {
    code: 'GIT_AUTH',
    message: 'the remote refused the credentials, or none were given',
    pattern:
      /could not read (?:Username|Password) for|Authentication failed|Permission denied \([a-z0-9@.,-]+\)|returned error: 40[13]\b|HTTP 40[13]\b|Invalid username or (?:password|token)|Too many authentication failures|No supported authentication methods/i,
  },
  {
    code: 'GIT_REF_MISSING',
    message: 'the ref or commit does not exist',
    pattern:
      /couldn't find remote ref|Remote branch .+ not found in upstream|unknown revision or path not in the working tree|Needed a single revision|not our ref|bad revision '|invalid reference: |not a valid (?:object|commit) name|invalid object name|reference is not a tree|pathspec '.*' did not match any file|is not a commit and a branch '.*' cannot be created/i,
  },
  {
    code: 'GIT_REPOSITORY_EMPTY',
    message: 'the repository has no commits',
    pattern: /does not have any commits yet|cloned an empty repository/,
  },
  {
    code: 'GIT_NETWORK',
    message: 'the repository was not found',
    pattern:
      /repository '.*' not found|repository not found|repository '.*' does not exist|does not appear to be a git repository|returned error: (?:404|410)\b/i,
    details: {
      retryable: false,
      hint: 'Check the address, and that the credentials may see the repository.',
    },
  },
  {
    code: 'GIT_NETWORK',
    message: 'the identity of the remote could not be verified',
    pattern:
      /certificate (?:verification|verify) failed|SSL certificate problem|no alternative certificate subject/i,
    details: { retryable: false, hint: 'Check the address and the CA file.' },
  },
  {
    code: 'GIT_NETWORK',
    message: 'the remote could not be reached',
    pattern:
      /Could not resolve host|Failed to connect|Couldn't connect to server|Connection (?:refused|timed out|reset|closed)|unable to (?:access|connect to|look up) |Could not read from remote repository|early EOF|remote end hung up|RPC failed|Network is unreachable|No route to host|unexpected disconnect|Operation timed out/i,
  },
]

/** The typed error for a git process that failed; its stderr is in the data, redacted. */
export function gitFailure(failed: FailedProcess): WorkspaceError {
  const rule = RULES.find(({ pattern }) => pattern.test(ownWords(failed.stderr)))
  const { code = 'GIT_FAILED', message, details } = rule ?? {}
  const text = `${failed.command} failed: ${message ?? ending(failed)}`
  const facts: ErrorDetails = { ...details, data: failureData(failed) }
  return code === 'DISK_FULL' ? new IntegrityError(code, text, facts) : new GitError(code, text, facts)
}

/** What the remote says in its own words decides nothing: it may say anything. */
export function ownWords(stderr: string): string {
  return stderr
    .split(/[\r\n]+/)
    .filter((line) => !line.startsWith('remote: '))
    .join('\n')
}

function ending(failed: FailedProcess): string {
  return failed.signal === null ? `exit code ${failed.code}` : `ended by ${failed.signal}`
}

function failureData(failed: FailedProcess) {
  const stderr = redact(failed.stderr, failed.secrets ?? []).slice(-STDERR_IN_ERRORS)
  return { command: failed.command, exitCode: failed.code, signal: failed.signal, stderr }
}
