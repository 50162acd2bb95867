import { assertStillHolding } from '../fs/lock-context.js'
import { callArguments, refuseSecretsInArguments } from './arguments.js'
import { configEntries, placeEnvironment } from './call-environment.js'
import { clearAbandoned, clearLock, type LockOwnership, locksOfRefs } from './clear-lock.js'
import { type Login, loginFor } from './credentials.js'
import { baseEnvironment, sshEnvironment } from './environment.js'
import { gitFailure } from './failure.js'
import type { GitCall, GitResult } from './git-call.js'
import { configEnvironment } from './hardening.js'
import { installedVersion } from './installed-version.js'
import { ObjectLookup } from './object-lookup.js'
import { ObjectLookups } from './object-lookups.js'
import { type ProcessCommand, type ProcessResult, runProcess } from './process-runner.js'
import { parseProgress } from './progress.js'
import { gitLanes } from './semaphore.js'
import { startedByUs } from './started-by.js'
import { withTrustFile } from './trust-file.js'
import { localPath } from './trusted-directories.js'
import {
  parseUserSettings,
  USER_SETTINGS_ARGS,
  type UserSettings,
  userSettingsEnvironment,
} from './user-settings.js'
import { type GitVersion, parseVersion } from './version.js'

export type { GitCall, GitResult, NetworkAccess } from './git-call.js'
export type { GitVersion } from './version.js'

/**
 * Commands that can be run again after a lock was in their way. All but fetch take their locks before they change
 * anything; a fetch may have taken in objects and some refs, and takes in the rest. Not among them is rebase,
 * which stops halfway.
 */
const REPEATABLE: ReadonlySet<string> = new Set(
  ['add', 'fetch', 'read-tree', 'symbolic-ref', 'update-index', 'update-ref'].map((name) => `git ${name}`),
)

const NO_SETTINGS: UserSettings = { entries: [], lineEnds: [], sshCommand: undefined }

export interface GitOptions extends LockOwnership {
  /** Without a byte of output for this long a git is stopped. */
  readonly gitTimeoutMs: number
  /** The orchestrator's own. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * The one door to git: every git process of this package is started here, with an environment built from
 * nothing, hardening that a repository cannot override, no transport but the one that the call names,
 * deadlines, and a place in the process-wide queue.
 */
export class Git {
  readonly #gitTimeoutMs: number
  readonly #orchestrator: NodeJS.ProcessEnv
  readonly #baseEnvironment: Readonly<Record<string, string>>
  readonly #ownership: LockOwnership
  readonly #lookups = new ObjectLookups((gitDir) => this.#startLookup(gitDir))
  #userSettings: Promise<UserSettings> | undefined
  #processCount = 0

  constructor(options: GitOptions) {
    this.#ownership = options
    this.#gitTimeoutMs = options.gitTimeoutMs
    this.#orchestrator = { ...(options.environment ?? process.env) }
    this.#baseEnvironment = Object.freeze(baseEnvironment(this.#orchestrator))
  }

  /** Without a byte of output for so many milliseconds a git is stopped, unless the call says otherwise. */
  get gitTimeoutMs(): number {
    return this.#gitTimeoutMs
  }

  /** git processes started so far. */
  get processCount(): number {
    return this.#processCount
  }

  /**
   * Runs one git command and resolves when its exit code is one of `okCodes`.
   *
   * Rejects with GIT_AUTH, GIT_NETWORK, GIT_REF_MISSING, GIT_REPOSITORY_EMPTY, DISK_FULL, GIT_TIMEOUT,
   * GIT_MISSING, LIMIT_EXCEEDED, ABORTED or GIT_FAILED; when it settles, no process of the command is left. A lock that a
   * killed git left in the instance's own directory, or of the call's own refs, is cleared away, and the command is run
   * once more.
   *
   * @example
   * await git.run({ gitDir: mirror, args: ['rev-parse', '--verify', '--end-of-options', ref] })
   */
  async run(call: GitCall): Promise<GitResult> {
    refuseSecretsInArguments(call.args)
    const login = loginFor(call.network)
    const settings = await this.#settingsFor(call)
    const attempt = () =>
      withTrustFile(call, (trust) =>
        this.#spawn(call, { ...this.#environment(call, login, settings), ...trust }, login.secrets),
      )
    const result = await attempt()
    const isWorthRepeating = await this.#isUnlocked(call, result)
    return checked(call, isWorthRepeating ? await attempt() : result, login.secrets)
  }

  async #isUnlocked(call: GitCall, result: ProcessResult): Promise<boolean> {
    if (isExpected(call, result) || (await this.#clear(call, result)) === 'held') return false
    return REPEATABLE.has(commandName(call.args))
  }

  #clear(call: GitCall, { stderr }: ProcessResult): Promise<'clear' | 'held'> {
    return clearLock(stderr, { ...this.#ownership, ownLocks: locksOfRefs(call) })
  }

  /**
   * The commit that each name stands for in a repository, in the same order; undefined for what is missing or no
   * commit. Asked through one long-lived process per repository, which `close` ends.
   *
   * @throws GitError as `run` does.
   */
  commits(gitDir: string, names: readonly string[], signal?: AbortSignal): Promise<(string | undefined)[]> {
    refuseSecretsInArguments(names)
    return this.#lookups.commits(gitDir, names, signal)
  }

  /** Removes files in the instance's own directory that a git has left which is gone for certain. */
  clearAway(paths: readonly string[]): Promise<void> {
    return clearAbandoned(paths, this.#ownership)
  }

  /** Ends what runs between calls. The instance can be used again. */
  close(): Promise<void> {
    return this.#lookups.close()
  }

  #startLookup(gitDir: string): Promise<ObjectLookup> {
    const call: GitCall = { args: [], gitDir }
    const env = { ...this.#environment(call, loginFor(undefined), NO_SETTINGS), ...startedByUs() }
    this.#processCount += 1
    return ObjectLookup.start({ env, idleTimeoutMs: this.#gitTimeoutMs })
  }

  /** The installed git, asked once in a process. Rejects with GIT_TOO_OLD below 2.34, and with GIT_MISSING. */
  version(): Promise<GitVersion> {
    return installedVersion(this.#orchestrator['PATH'], async () => {
      return parseVersion((await this.run({ args: ['version'] })).stdout)
    })
  }

  /** The user's transport settings are for remotes only, those of line ends for working trees only. */
  async #settingsFor(call: GitCall): Promise<UserSettings> {
    const isRemote = call.network !== undefined && localPath(call.network.url) === undefined
    if (!isRemote && call.workTree === undefined) return NO_SETTINGS
    this.#userSettings ??= this.#readUserSettings()
    const { entries, lineEnds, sshCommand } = await this.#userSettings
    return isRemote ? { entries, lineEnds: [], sshCommand } : { ...NO_SETTINGS, lineEnds }
  }

  async #readUserSettings(): Promise<UserSettings> {
    const call: GitCall = { args: USER_SETTINGS_ARGS }
    try {
      const result = await this.#spawn(call, userSettingsEnvironment(this.#orchestrator), [])
      return parseUserSettings(checked(call, result, []).stdout)
    } catch (error) {
      // An answer is kept, a failure is not: memory may be freed in the meantime.
      this.#userSettings = undefined
      throw error
    }
  }

  #environment(call: GitCall, login: Login, settings: UserSettings): Record<string, string> {
    return {
      ...this.#baseEnvironment,
      ...sshEnvironment(this.#orchestrator, settings.sshCommand),
      ...placeEnvironment(call),
      ...configEnvironment(configEntries(call, login, settings)),
      ...login.variables,
      ...(call.network && { GIT_ALLOW_PROTOCOL: call.network.protocols.join(':') || 'none' }),
    }
  }

  #spawn(call: GitCall, env: NodeJS.ProcessEnv, secrets: readonly string[]): Promise<ProcessResult> {
    const lane = call.network?.protocols.some((protocol) => protocol !== 'file') ? 'network' : 'local'
    return gitLanes[lane].run(async () => {
      // It may have waited here for long, and what it is to write is somebody else's by now.
      await assertStillHolding()
      this.#processCount += 1
      return runProcess({ ...this.#command(call), env: { ...env, ...startedByUs() }, secrets })
    }, call.signal)
  }

  #command(call: GitCall): Omit<ProcessCommand, 'env'> {
    const { args, cwd, input, signal, totalTimeoutMs, maxOutputBytes, onOutput } = call
    const idleTimeoutMs = call.idleTimeoutMs ?? this.#gitTimeoutMs
    const limits = { idleTimeoutMs, totalTimeoutMs, maxOutputBytes }
    const name = commandName(args)
    return {
      file: 'git',
      name,
      args: callArguments(call),
      cwd,
      input,
      signal,
      onOutput,
      onLine: lineListener(call),
      ...limits,
    }
  }
}

type Expected = ProcessResult & { readonly code: number }

function isExpected(call: GitCall, result: ProcessResult): result is Expected {
  return result.code !== null && (call.okCodes ?? [0]).includes(result.code)
}

function checked(call: GitCall, result: ProcessResult, secrets: readonly string[]): GitResult {
  if (isExpected(call, result)) return { code: result.code, stdout: result.stdout, stderr: result.stderr }
  throw gitFailure({ ...result, command: commandName(call.args), secrets })
}

/** 'git fetch': the subcommand, without the options before it. */
function commandName(args: readonly string[]): string {
  const isName = (arg: string, index: number) =>
    !arg.startsWith('-') &&
    !/^-[cC]$|^--(?:git-dir|work-tree|namespace|exec-path|shallow-file)$/.test(args[index - 1] ?? '')
  return ['git', args.find(isName)].filter(Boolean).join(' ')
}

function lineListener({ onLine, onProgress }: GitCall): GitCall['onLine'] {
  if (onProgress === undefined) return onLine
  return (line) => {
    onLine?.(line)
    const progress = parseProgress(line)
    if (progress) onProgress(progress)
  }
}
