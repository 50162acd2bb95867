import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { type EntryKind, entriesIn, kindOf } from '../fs/presence.js'
import type { AgentGitDir } from './agent-git-dir.js'
import { readPlain } from './plain-files.js'

/** What git opens, or makes a lock beside, when it moves a branch. */
const FILES = [
  'HEAD',
  'index',
  'config',
  'config.worktree',
  'packed-refs',
  'shallow',
  'objects/info/alternates',
]
const MAX_POINTER_BYTES = 64 * 1024
const MAX_ALTERNATES_BYTES = 1024 * 1024
const FOLDERS = ['objects', 'objects/info', 'objects/pack', 'info', 'worktrees']

/**
 * Refuses a repository in an agent's reach that would lead git elsewhere when it is written to: by a link anywhere
 * in it but among the objects, by a pipe or a device that git would wait for, or by a common folder that is not the
 * known one. What changes between this and git's own look is not seen.
 *
 * @throws IntegrityError TAMPERED naming the path.
 */
export async function assertAgentPlaces(agent: AgentGitDir): Promise<void> {
  const { gitDir, commonDir } = agent
  await assertKind(commonDir, 'directory', 'needed')
  await assertKind(gitDir, 'directory', 'needed')
  for (const directory of new Set([gitDir, commonDir])) {
    for (const name of FILES) await assertKind(join(directory, name), 'file')
    for (const name of FOLDERS) await assertKind(join(directory, name), 'directory')
    for (const name of ['refs', 'logs', 'reftable']) await assertPlainTree(join(directory, name))
  }
  await assertCommonDir(agent)
}

async function assertKind(path: string, expected: EntryKind, presence?: 'needed'): Promise<void> {
  const kind = await kindOf(path)
  if (kind === expected || (kind === 'absent' && presence === undefined)) return
  throw tampered(`expected a ${expected} of the repository`, path)
}

/** git follows the file `commondir` in any git dir (gitrepository-layout(5)). */
async function assertCommonDir({ gitDir, commonDir }: AgentGitDir): Promise<void> {
  const file = join(gitDir, 'commondir')
  if (gitDir === commonDir) return assertKind(file, 'absent', 'needed')
  await assertKind(file, 'file', 'needed')
  const named = (await readPlain(file, MAX_POINTER_BYTES)) ?? ''
  if (resolve(gitDir, named.trim()) !== resolve(commonDir))
    throw tampered('the repository names another common folder', file)
}

async function assertPlainTree(folder: string): Promise<void> {
  await assertKind(folder, 'directory')
  for (const entry of await entriesIn(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await assertPlainTree(path)
    else if (!entry.isFile()) throw tampered('expected a file of the repository', path)
  }
}

/**
 * Refuses a repository of an agent's own that takes objects from anywhere but itself and the lender: git would write
 * files of theirs into the checkout, and whatever this process may read is more than the agent may. An alternate that is
 * not there leads nowhere, such as the place that the lender has in a container.
 *
 * @throws IntegrityError TAMPERED naming the path.
 */
export async function assertOwnObjects({ commonDir }: AgentGitDir, lender: string): Promise<void> {
  const objects = join(commonDir, 'objects')
  await assertPlainTree(objects)
  const file = join(objects, 'info/alternates')
  const lines = ((await readPlain(file, MAX_ALTERNATES_BYTES)) ?? '').split('\n')
  const paths = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const allowed = [undefined, await realOf(lender)]
  for (const path of paths)
    if (!allowed.includes(await realOf(resolve(objects, path))))
      throw tampered('the repository borrows objects that are not its own', file)
}

async function realOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

function tampered(message: string, path: string): IntegrityError {
  return new IntegrityError('TAMPERED', `${message}: ${path}`, { data: { path } })
}
