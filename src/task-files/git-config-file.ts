import { devNull, homedir } from 'node:os'
import { join } from 'node:path'
import { quoteConfigValue } from '../model/git-config-value.js'
import type { Credentials } from '../model/source.js'

export interface GitConfigRequest {
  readonly workDir: string
  /** The shared repository of a linked worktree, which git checks the owner of as well. */
  readonly repositoryDir?: string | undefined
  /** `on`: the checkout is a sparse one whose repository's own configuration must not say so. */
  readonly sparse?: 'on' | 'off' | undefined
  readonly agentName?: string | undefined
  readonly identity?: { readonly name: string; readonly email: string } | undefined
  readonly credentials?: { readonly file: string; readonly origin: string } | undefined
  /** The user's own global configuration files, least important first. */
  readonly userConfigFiles: readonly string[]
}

/**
 * The task's global git configuration. Order matters: what stands before the user's own files are fallbacks,
 * what stands after them is the task's for certain.
 */
export function renderGitConfig(request: GitConfigRequest): string {
  const { identity, credentials } = request
  return [
    '# Written by git-task-isolation for one task.\n',
    fallbackIdentity(request.agentName),
    // `git push` then needs no upstream, whose setting would be written into a config that worktrees share.
    section('push', [['default', 'current']]),
    section(
      'include',
      request.userConfigFiles.map((file) => ['path', file] as const),
    ),
    identity
      ? section('user', [
          ['name', identity.name],
          ['email', identity.email],
        ])
      : '',
    section(
      'safe',
      [request.workDir, request.repositoryDir].flatMap((path) =>
        path ? [['directory', path] as const] : [],
      ),
    ),
    request.sparse === 'on' ? sparseSection() : '',
    credentials ? credentialSection(credentials) : '',
  ].join('')
}

/**
 * The files that git would read as the user's own (git-config(1), FILES). In a shell that has the environment of a task
 * below `managedRepos` git reads that task's: it is none of the user's, and lends nobody its identity and credentials.
 */
export function userConfigFiles(env: NodeJS.ProcessEnv, managedRepos: string): string[] {
  const named = env['GIT_CONFIG_GLOBAL']
  if (named !== undefined && !named.startsWith(join(managedRepos, '/')))
    return named === '' || named === devNull ? [] : [named]
  const home = env['HOME'] ?? homedir()
  return [join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'git', 'config'), join(home, '.gitconfig')]
}

/** `git-credential-store --file` format: one URL a line. */
export function renderCredentials(credentials: Credentials, origin: URL): string {
  const url = new URL(origin.origin)
  url.username = encodeURIComponent(credentials.username ?? 'x-access-token')
  url.password = encodeURIComponent(credentials.token)
  return `${url.href.replace(/\/$/, '')}\n`
}

/** All worktrees of a repository share its configuration; the cone itself is in a file of the one worktree. */
function sparseSection(): string {
  return section('core', [
    ['sparseCheckout', 'true'],
    ['sparseCheckoutCone', 'true'],
  ])
}

function fallbackIdentity(agentName: string | undefined): string {
  const name = usableName(agentName) ?? 'git-task agent'
  const mailbox =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'agent'
  return section('user', [
    ['name', name],
    ['email', `${mailbox}@agent.invalid`],
  ])
}

/** git strips these characters from a name, and refuses to commit when nothing is left (ident.c). */
function usableName(agentName: string | undefined): string | undefined {
  const name = agentName?.replace(/[<>]/g, '') ?? ''
  return /^[\s.,:;"'\\]*$/.test(name) ? undefined : name
}

/** The empty helper drops those of the user for this host; the file is for this task only. */
function credentialSection({ file, origin }: { file: string; origin: string }): string {
  const quotedFile = `'${file.replaceAll("'", `'\\''`)}'`
  return section(`credential "${origin}"`, [
    ['helper', ''],
    ['helper', `store --file=${quotedFile}`],
  ])
}

function section(name: string, entries: readonly (readonly [key: string, value: string])[]): string {
  if (entries.length === 0) return ''
  return `[${name}]\n${entries.map(([key, value]) => `\t${key} = ${quoteConfigValue(value)}\n`).join('')}`
}
