import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import type { GitCall } from './git-call.js'
import type { ConfigEntry } from './hardening.js'

/** `safe.directory` for exactly the directories that the call names, whoever owns them. */
export function trustedDirectories(call: GitCall): ConfigEntry[] {
  const source = call.network && localPath(call.network.url)
  const named = [call.cwd, call.gitDir, call.workTree, source].filter((path) => path !== undefined)
  const paths = named.flatMap((path) => namesOf(resolve(call.cwd ?? '.', path)))
  return [...new Set(paths)].map((path) => ['safe.directory', path])
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
