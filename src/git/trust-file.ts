import { lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { readableEntriesIn } from '../fs/presence.js'
import { isTemporaryNameOf, makerOfTemporary, temporaryName } from '../fs/temporary-name.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import type { GitCall } from './git-call.js'
import { type ConfigEntry, HARDENING } from './hardening.js'
import { localPath, trustedDirectories } from './trusted-directories.js'

const NAME = 'git-task-trust'

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
  const folder = join(tmpdir(), temporaryName(NAME))
  try {
    await mkdir(folder, { mode: 0o700 })
    const file = join(folder, 'config')
    await writeFile(file, configText([...HARDENING, ...trustedDirectories(call)]), { mode: 0o600 })
    return await action({ GIT_CONFIG_GLOBAL: file })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Removes the files of processes that were killed. What other users have made under such a name stays theirs: in a
 * folder that they can write to they could swap a part for a link while it is deleted.
 *
 * @returns their folders.
 */
export async function clearTrustFiles(): Promise<string[]> {
  const entries = (await readableEntriesIn(tmpdir())) ?? []
  const names = entries.map(({ name }) => name).filter((name) => isTemporaryNameOf(name, NAME))
  const dead = names.filter((name) => makerOfTemporary(name) === 'dead').map((name) => join(tmpdir(), name))
  const removed: string[] = []
  for (const folder of dead) {
    if (!(await isOwnFolder(folder))) continue
    await rm(folder, { recursive: true, force: true })
    removed.push(folder)
  }
  return removed
}

async function isOwnFolder(path: string): Promise<boolean> {
  try {
    const found = await lstat(path)
    return found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid)
  } catch (error) {
    // Somebody else may clear away as well.
    if (isSystemError(error, 'ENOENT')) return false
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
