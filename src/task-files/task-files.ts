import { normalize } from 'node:path'
import { allOrFirstFailure } from '../errors/first-failure.js'
import { InputError } from '../errors/workspace-error.js'
import { ensureDirectoryInside } from '../fs/contained-path.js'
import { writeFileInside } from '../fs/contained-write.js'
import { isPresent, kindsOf } from '../fs/presence.js'
import type { TaskLayout } from '../model/layout.js'
import type { PrepareSettings } from '../model/prepare-request.js'
import type { Credentials, Source } from '../model/source.js'
import { TASK_FILE } from './file-names.js'
import {
  type GitConfigRequest,
  renderCredentials,
  renderGitConfig,
  userConfigFiles,
} from './git-config-file.js'

/** Makes the task's folder and those in it, where they are missing. What was made stays when the next one cannot be. */
export async function makeTaskFolders(layout: TaskLayout, tasksDir: string): Promise<void> {
  await ensureDirectoryInside(tasksDir, layout.rootDir)
  await allOrFirstFailure(
    foldersInside(layout).map((folder) => ensureDirectoryInside(layout.rootDir, folder)),
  )
}

/** Which of those folders are not there, the inner ones first. */
export async function missingTaskFolders(layout: TaskLayout): Promise<string[]> {
  const folders = [...foldersInside(layout), layout.rootDir]
  const kinds = await kindsOf(folders)
  return folders.filter((_, index) => kinds[index] === 'absent')
}

function foldersInside({ outputDir, logsDir, stateDir }: TaskLayout): string[] {
  return [outputDir, logsDir, stateDir]
}

export interface GitFilesRequest {
  readonly layout: TaskLayout
  readonly workDir: string
  readonly repositoryDir?: string | undefined
  readonly sparse: GitConfigRequest['sparse']
  readonly settings: PrepareSettings
  readonly orchestrator: NodeJS.ProcessEnv
  /** The folder of all tasks of the root. */
  readonly managedRepos: string
}

/** Writes the task's `.gitconfig` and, where credentials were given, its `.git-credentials`. */
export async function writeGitFiles(request: GitFilesRequest): Promise<void> {
  const { layout, settings, workDir, repositoryDir, sparse, orchestrator, managedRepos } = request
  const { agentName, identity, credentials, source } = settings
  const origin = credentials === undefined ? undefined : credentialOrigin(credentials, source)
  if (credentials && origin) {
    await writeFileInside(layout.rootDir, '.git-credentials', renderCredentials(credentials, origin), {
      mode: 0o600,
    })
  }
  const hasCredentials = origin ?? (await keptOrigin(layout, source))
  const config = renderGitConfig({
    workDir,
    repositoryDir,
    sparse,
    agentName,
    identity,
    credentials: hasCredentials && { file: layout.credentialsFile, origin: hasCredentials.origin },
    userConfigFiles: userConfigFiles(orchestrator, managedRepos),
  })
  await writeFileInside(layout.rootDir, '.gitconfig', config, TASK_FILE)
}

/** Writes the caller's own files under the task's folder; objects as JSON. */
export async function writeCallerFiles(
  layout: TaskLayout,
  taskFiles: PrepareSettings['taskFiles'],
): Promise<void> {
  const files = Object.entries(taskFiles ?? {}).map(
    ([path, content]) =>
      [path, typeof content === 'string' ? content : `${toJson(path, content)}\n`] as const,
  )
  await allOrFirstFailure(files.map(([path, text]) => writeFileInside(layout.rootDir, path, text, TASK_FILE)))
}

/** The names of the caller's own files, those of an earlier prepare included; undefined where there are none. */
export function callersFiles(
  { taskFiles }: Pick<PrepareSettings, 'taskFiles'>,
  earlier: readonly string[] = [],
): readonly string[] | undefined {
  const names = Object.keys(taskFiles ?? {}).map((name) => normalize(name))
  return names.length + earlier.length === 0 ? undefined : [...new Set([...earlier, ...names])].sort()
}

/** Refuses credentials that no host can be told for, before anything is made. */
export function assertCredentialsUsable({ credentials, source }: PrepareSettings): void {
  if (credentials === undefined || credentialOrigin(credentials, source) !== undefined) return
  const problem =
    credentials.host === undefined ? 'they need a host: the source has none' : 'the host is no host name'
  throw new InputError('OPTIONS_INVALID', `credentials cannot be used: ${problem}`, {
    data: { field: 'credentials.host' },
    hint: 'Set credentials.host to the host they are for.',
  })
}

function credentialOrigin(credentials: Credentials, source: Source | undefined): URL | undefined {
  const address = source?.kind === 'url' ? source.url : source?.originUrl
  const origin = address !== undefined && /^https?:/i.test(address) ? new URL(address) : undefined
  if (credentials.host === undefined) return origin
  if (origin !== undefined && [origin.host, origin.hostname].includes(credentials.host)) return origin
  const text = `https://${credentials.host}`
  return URL.canParse(text) ? new URL(text) : undefined
}

/** A second prepare without credentials keeps those of the first. */
async function keptOrigin(layout: TaskLayout, source: Source | undefined): Promise<URL | undefined> {
  const address = source?.kind === 'url' ? source.url : source?.originUrl
  if (address === undefined || !/^https?:/i.test(address)) return undefined
  return (await isPresent(layout.credentialsFile)) ? new URL(address) : undefined
}

function toJson(path: string, content: object): string {
  try {
    return JSON.stringify(content, null, 2)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new InputError('OPTIONS_INVALID', `the task file "${path}" cannot be written as JSON`, {
      data: { field: `taskFiles.${path}` },
      cause: error,
    })
  }
}
