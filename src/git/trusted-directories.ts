import { realpathSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import type { GitCall } from './git-call.js'
import { type ConfigEntry, HARDENING } from './hardening.js'

/** `safe.directory` for exactly the directories that the call names, whoever owns them. */
export function trustedDirectories(call: GitCall): ConfigEntry[] {
  const source = call.network && localPath(call.network.url)
  const named = [call.cwd, call.gitDir, call.workTree, source].filter((path) => path !== undefined)
  const paths = named.flatMap((path) => namesOf(resolve(call.cwd ?? '.', path)))
  return [...new Set(paths)].map((path) => ['safe.directory', path])
}

/**
 * Runs an action with a global configuration file that trusts the call's directories, if git will start a
 * local upload-pack: git takes GIT_CONFIG_COUNT out of that child's environment, and ownership is checked in
 * the child (`prepare_other_repo_env` in git's run-command.c), so only a file reaches it.
 */
export async function withTrustFile<T>(
  call: GitCall,
  action: (variables: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  if (!call.network || localPath(call.network.url) === undefined) return action({})
  const folder = await mkdtemp(join(tmpdir(), `git-task-trust-${process.pid}-`))
  try {
    const file = join(folder, 'config')
    await writeFile(file, configText([...HARDENING, ...trustedDirectories(call)]), { mode: 0o600 })
    return await action({ GIT_CONFIG_GLOBAL: file })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The path behind a `file://` URL or a plain path; undefined for every other address. */
export function localPath(url: string): string | undefined {
  const [, path] = /^file:\/\/[^/]*(\/.*)$/is.exec(url) ?? []
  if (path !== undefined) return decodeURIComponent(path)
  const isRemote = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) || /^[^/\\]{2,}:/.test(url)
  return isRemote ? undefined : url
}

function namesOf(path: string): string[] {
  return [path, join(path, '.git')].flatMap((name) => [name, realNameOf(name)])
}

/** git compares real paths; a path that is not there yet has no other name. */
function realNameOf(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return path
    throw error
  }
}

function configText(entries: readonly ConfigEntry[]): string {
  return entries
    .map(([key, value]) => `${header(key)}\t${lastPart(key)} = ${quoteConfigValue(value)}\n`)
    .join('')
}

function header(key: string): string {
  const [section = '', ...rest] = key.split('.')
  const subsection = rest.slice(0, -1).join('.')
  return subsection === '' ? `[${section}]\n` : `[${section} "${subsection}"]\n`
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1)
}
