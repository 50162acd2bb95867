import { delimiter } from 'node:path'
import { refuseSecretsInArguments } from './arguments.js'
import { type Login, loginFor } from './credentials.js'
import { baseEnvironment, sshEnvironment } from './environment.js'
import { gitFailure } from './failure.js'
import type { GitCall, GitResult } from './git-call.js'
import { type ConfigEntry, configEnvironment, HARDENING } from './hardening.js'
import { type ProcessCommand, type ProcessResult, runProcess } from './process-runner.js'
import { parseProgress } from './progress.js'
import { gitLanes } from './semaphore.js'
import { localPath, trustedDirectories, withTrustFile } from './trusted-directories.js'
import {
  parseUserSettings,
  USER_SETTINGS_ARGS,
  type UserSettings,
  userSettingsEnvironment,
  withoutCredentials,
} from './user-settings.js'
import { type GitVersion, parseVersion } from './version.js'

export type { GitCall, GitResult, NetworkAccess } from './git-call.js'
export type { GitVersion } from './version.js'

const NO_SETTINGS: UserSettings = { entries: [], lineEnds: [], sshCommand: undefined }

/**
 * The one door to git: every git process of this package is started here, with an environment built from
 * nothing, hardening that a repository cannot override, no transport but the one that the call names,
 * deadlines, and a place in the process-wide queue.
 */
export class Git {
  readonly #gitTimeoutMs: number
  readonly #orchestrator: NodeJS.ProcessEnv
  readonly #baseEnvironment: Readonly<Record<string, string>>
  #version: Promise<GitVersion> | undefined
  #userSettings: Promise<UserSettings> | undefined
  #processCount = 0

  constructor(options: { gitTimeoutMs: number; environment?: NodeJS.ProcessEnv }) {
    this.#gitTimeoutMs = options.gitTimeoutMs
    this.#orchestrator = { ...(options.environment ?? process.env) }
    this.#baseEnvironment = Object.freeze(baseEnvironment(this.#orchestrator))
  }

  /** git processes started so far. */
  get processCount(): number {
    return this.#processCount
  }

  /**
   * Runs one git command and resolves when its exit code is one of `okCodes`.
   *
   * Rejects with GIT_AUTH, GIT_NETWORK, GIT_REF_MISSING, GIT_REPOSITORY_EMPTY, DISK_FULL, GIT_TIMEOUT,
   * GIT_MISSING, ABORTED or GIT_FAILED; when it settles, no process of the command is left.
   *
   * @example
   * await git.run({ gitDir: mirror, args: ['rev-parse', '--verify', '--end-of-options', ref] })
   */
  async run(call: GitCall): Promise<GitResult> {
    refuseSecretsInArguments(call.args)
    const login = loginFor(call.network)
    const settings = await this.#settingsFor(call)
    const result = await withTrustFile(call, (trust) =>
      this.#spawn(call, { ...this.#environment(call, login, settings), ...trust }, login.secrets),
    )
    return checked(call, result, login.secrets)
  }

  /** The installed git, asked once. Rejects with GIT_TOO_OLD below 2.34, and with GIT_MISSING. */
  version(): Promise<GitVersion> {
    this.#version ??= this.#once(
      async () => parseVersion((await this.run({ args: ['version'] })).stdout),
      () => {
        this.#version = undefined
      },
    )
    return this.#version
  }

  async #once<T>(ask: () => Promise<T>, forget: () => void): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      // An answer is kept, a failure is not: git may be installed, or memory freed, in the meantime.
      forget()
      throw error
    }
  }

  /** The user's transport settings are for remotes only, those of line ends for working trees only. */
  async #settingsFor(call: GitCall): Promise<UserSettings> {
    const isRemote = call.network !== undefined && localPath(call.network.url) === undefined
    if (!isRemote && call.workTree === undefined) return NO_SETTINGS
    this.#userSettings ??= this.#once(
      () => this.#readUserSettings(),
      () => {
        this.#userSettings = undefined
      },
    )
    const { entries, lineEnds, sshCommand } = await this.#userSettings
    return isRemote ? { entries, lineEnds: [], sshCommand } : { ...NO_SETTINGS, lineEnds }
  }

  async #readUserSettings(): Promise<UserSettings> {
    const call: GitCall = { args: USER_SETTINGS_ARGS }
    const result = await this.#spawn(call, userSettingsEnvironment(this.#orchestrator), [])
    return parseUserSettings(checked(call, result, []).stdout)
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
    return gitLanes[lane].run(() => {
      this.#processCount += 1
      return runProcess({ ...this.#command(call), env, secrets })
    }, call.signal)
  }

  #command(call: GitCall): Omit<ProcessCommand, 'env'> {
    const { args, cwd, input, signal, totalTimeoutMs, maxOutputBytes, onProgress } = call
    const idleTimeoutMs = call.idleTimeoutMs ?? this.#gitTimeoutMs
    const limits = { idleTimeoutMs, totalTimeoutMs, maxOutputBytes }
    const name = commandName(args)
    const onLine = onProgress && ((line: string) => reportProgress(line, onProgress))
    return { file: 'git', name, args, cwd, input, signal, onLine, ...limits }
  }
}

function checked(call: GitCall, result: ProcessResult, secrets: readonly string[]): GitResult {
  const { code, stdout, stderr } = result
  if (code !== null && (call.okCodes ?? [0]).includes(code)) return { code, stdout, stderr }
  throw gitFailure({ ...result, command: commandName(call.args), secrets })
}

function configEntries(call: GitCall, login: Login, settings: UserSettings): ConfigEntry[] {
  const lent = login.secrets.length > 0
  return [
    ...HARDENING,
    ...trustedDirectories(call),
    ...(lent ? withoutCredentials(settings.entries) : settings.entries),
    ...login.entries,
    ...settings.lineEnds,
    ...Object.entries(call.config ?? {}),
  ]
}

function placeEnvironment(call: GitCall): Record<string, string> {
  const { gitDir, workTree, indexFile, alternates, objectDirectory } = call
  return {
    ...(gitDir !== undefined && { GIT_DIR: gitDir }),
    ...(workTree !== undefined && { GIT_WORK_TREE: workTree }),
    ...(indexFile !== undefined && { GIT_INDEX_FILE: indexFile }),
    ...(objectDirectory !== undefined && { GIT_OBJECT_DIRECTORY: objectDirectory }),
    ...(alternates?.length && {
      GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates.map(quotedPath).join(delimiter),
    }),
  }
}

/** git takes a path that holds the separator in double quotes (`man git`, GIT_ALTERNATE_OBJECT_DIRECTORIES). */
function quotedPath(path: string): string {
  if (!path.includes(delimiter) && !path.startsWith('"')) return path
  return `"${path.replace(/[\\"]/g, '\\$&')}"`
}

/** 'git fetch': the subcommand, without the options before it. */
function commandName(args: readonly string[]): string {
  const isName = (arg: string, index: number) =>
    !arg.startsWith('-') &&
    !/^-[cC]$|^--(?:git-dir|work-tree|namespace|exec-path)$/.test(args[index - 1] ?? '')
  return ['git', args.find(isName)].filter(Boolean).join(' ')
}

function reportProgress(line: string, onProgress: NonNullable<GitCall['onProgress']>): void {
  const progress = parseProgress(line)
  if (progress) onProgress(progress)
}
