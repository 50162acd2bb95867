/** A process to run. Times are in milliseconds. */
export interface ProcessCommand {
  /** The program, looked up on the PATH of `env`. */
  readonly file: string
  readonly args: readonly string[]
  /** What errors call it, e.g. 'git fetch'. Default: the program. */
  readonly name?: string
  readonly cwd?: string | undefined
  /** The whole environment; nothing is inherited. */
  readonly env: NodeJS.ProcessEnv
  /** Written to stdin, which is closed otherwise. */
  readonly input?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Stopped after this long without a byte on stdout or stderr. */
  readonly idleTimeoutMs?: number | undefined
  readonly totalTimeoutMs?: number | undefined
  /** From TERM to KILL, and how long an orphan may keep a pipe open. Default 2,000. */
  readonly killGraceMs?: number | undefined
  /** Default 64 MiB. */
  readonly maxOutputBytes?: number | undefined
  /** Masked in stderr before anything else sees it. */
  readonly secrets?: readonly string[] | undefined
  /** Gets stdout instead of the result. */
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
  readonly onLine?: ((line: string) => void) | undefined
}

export interface ProcessResult {
  /** null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  /** Head and tail of it, redacted. */
  readonly stderr: string
}
