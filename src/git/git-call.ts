import type { GitProgress } from './progress.js'

/** One git command. Times are in milliseconds. */
export interface GitCall {
  /** What follows `git`. A URL with a password in it is refused: everybody on the machine can read arguments. */
  readonly args: readonly string[]
  readonly cwd?: string
  /** GIT_DIR: git then never looks for a `.git` in the tree. */
  readonly gitDir?: string
  /** GIT_COMMON_DIR: a git dir whose configuration and objects count in place of those of `gitDir`; refs stay its own. */
  readonly configDir?: string
  readonly workTree?: string
  readonly indexFile?: string
  /** Object directories to borrow from, for this call. */
  readonly alternates?: readonly string[]
  /** GIT_OBJECT_DIRECTORY: where new objects are written. */
  readonly objectDirectory?: string
  /**
   * Full names of refs that nobody but the manager writes, as a task's branch. A lock that a killed git left of one,
   * or of the packed refs that this call needs, is cleared away in `gitDir` as in a repository of the manager's own.
   */
  readonly ownRefs?: readonly string[]
  /** More configuration for this call; it comes last and so overrides the hardening. */
  readonly config?: Readonly<Record<string, string>>
  readonly input?: string
  /** Exit codes that are no failure. Default: 0. */
  readonly okCodes?: readonly number[]
  readonly signal?: AbortSignal | undefined
  /** Without a byte of output for this long git is stopped. Default: the instance's `gitTimeoutMs`. */
  readonly idleTimeoutMs?: number
  readonly totalTimeoutMs?: number
  /** Default 64 MiB. */
  readonly maxOutputBytes?: number
  /**
   * Gets stdout piece by piece as it is, while the result's `stdout` stays empty and `maxOutputBytes` does not count:
   * for output of any length, and for names that are no UTF-8.
   */
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
  /** Called for each line of stderr, without secrets; what it throws stops git. */
  readonly onLine?: ((line: string) => void) | undefined
  /** Called for each line of progress; needs `--progress` in `args`. */
  readonly onProgress?: ((progress: GitProgress) => void) | undefined
  /** Absent: every transport is refused, the local one (`file`) included. */
  readonly network?: NetworkAccess
}

/** The one remote a call may talk to. */
export interface NetworkAccess {
  readonly protocols: readonly ('https' | 'http' | 'ssh' | 'git' | 'file')[]
  /** The remote's URL or local path, without a password: where credentials may go and which directory is trusted. */
  readonly url: string
  readonly credentials?: Credentials | undefined
}

/** What an https remote wants to know. Sent to one host only. */
export interface Credentials {
  /** Default 'x-access-token', which the large hosts accept with a token. */
  readonly username?: string | undefined
  /** Empty: only the user name is given, and the user's own credential helpers are asked for the rest. */
  readonly token: string
  /** 'host' or 'host:port'. Default: that of the URL. */
  readonly host?: string | undefined
}

export interface GitResult {
  readonly code: number
  readonly stdout: string
  /** Secrets are masked in it. */
  readonly stderr: string
}
