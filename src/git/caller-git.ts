import { statSync } from 'node:fs'
import { GitPluginError, type SimpleGit, GitError as SimpleGitError, simpleGit } from 'simple-git'
import { IntegrityError } from '../errors/workspace-error.js'
import { inheritedEnvironment } from './environment.js'
import { redact } from './redaction.js'

export type { SimpleGit } from 'simple-git'

/** How long an orphan that keeps git's pipes open is waited for, after git itself has ended. */
const ORPHAN_MS = 1_000

/** What the handle of `workspace.git()` rejects with: a simple-git `GitError` that also says how git ended. */
export class CallerGitError extends SimpleGitError {
  /** null when a signal ended git; negative when it could not be started. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string

  constructor(ended: { exitCode: number | null; stdout: string; stderr: string }) {
    super(undefined, ended.stderr.trim() || ended.stdout.trim() || endingOf(ended.exitCode))
    this.name = 'CallerGitError'
    this.exitCode = ended.exitCode
    this.stdout = ended.stdout
    this.stderr = ended.stderr
  }
}

/**
 * A simple-git handle in a directory, for callers' convenience: it runs the directory's hooks and believes its
 * configuration, so it is not for hostile trees.
 *
 * Its environment is PATH, HOME and their like from the orchestrator, English messages, and `environment`; no
 * inherited `GIT_DIR` or `GIT_INDEX_FILE` can lead it elsewhere. Throws WORKSPACE_MISSING when the directory
 * is not there. Every command that ends with another code than 0 rejects with `CallerGitError`.
 */
export function callerGit(directory: string, environment: Readonly<Record<string, string>>): SimpleGit {
  requireDirectory(directory)
  const variables = { ...inheritedEnvironment(process.env), LC_ALL: 'C', ...environment }
  const git = simpleGit({
    baseDir: directory,
    allowEnvironment: Object.keys(variables),
    completion: { onClose: true, onExit: ORPHAN_MS },
    errors: failureOf,
    unsafe: ALLOWED,
  })
  return git.env(variables).outputHandler(markOutput)
}

// The caller is trusted with the workspace: these flags only bring back what `git` on a command line can do.
const ALLOWED = {
  allowAbbreviatedOptions: true,
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeEditor: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true,
  allowUnsafeInclude: true,
  allowUnsafeMergeDriver: true,
  allowUnsafePager: true,
  allowUnsafeSshCommand: true,
  allowUnsafeSubmodule: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeUrlRewrite: true,
} as const

function requireDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return
  throw new IntegrityError('WORKSPACE_MISSING', 'the workspace directory does not exist', {
    data: { directory },
  })
}

/** Which command a piece of stderr came from; simple-git's `errors` option is not told. */
const commandOf = new WeakMap<Buffer, readonly string[]>()

/**
 * simple-git waits 50 ms for output that may still come, unless there was some: an empty piece at the end is
 * enough. Another one, at the beginning, carries the command's arguments to `failureOf`.
 */
function markOutput(
  _command: string,
  _stdout: NodeJS.ReadableStream,
  stderr: NodeJS.ReadableStream,
  args: string[],
): void {
  const mark = Buffer.alloc(0)
  commandOf.set(mark, args)
  stderr.emit('data', mark)
  stderr.once('end', () => stderr.emit('data', Buffer.alloc(0)))
}

interface Ended {
  readonly exitCode: number | null
  readonly stdOut: readonly Buffer[]
  readonly stdErr: readonly Buffer[]
}

function failureOf(error: Buffer | Error | undefined, result: Ended): Buffer | Error | undefined {
  // simple-git's own refusals and aborts say more than the exit code does.
  if (error instanceof GitPluginError) return error
  if (result.exitCode === 0 || isAnswer(result)) return undefined
  return new CallerGitError({
    exitCode: result.exitCode,
    stdout: redact(textOf(result.stdOut), []),
    stderr: redact(textOf(result.stdErr), []),
  })
}

/** Exit code 1 that simple-git's own parsers understand: nothing found, or a conflict that they report in full. */
function isAnswer({ exitCode, stdOut, stdErr }: Ended): boolean {
  if (exitCode !== 1 || textOf(stdErr) !== '') return false
  const args = stdErr.map((piece) => commandOf.get(piece)).find((found) => found !== undefined) ?? []
  const finds = args.some((arg) => arg === 'config' || arg === 'grep') && stdOut.length === 0
  const merges = args.some((arg) => arg === 'merge' || arg === 'pull') && textOf(stdOut).includes('CONFLICT')
  return finds || merges
}

function textOf(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString('utf8')
}

function endingOf(exitCode: number | null): string {
  return exitCode === null ? 'git was ended by a signal' : `git ended with exit code ${exitCode}`
}
