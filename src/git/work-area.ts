import { basename, dirname, join, resolve, sep } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { canonicalPath } from '../fs/canonical-path.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { kindOf, namesIn } from '../fs/presence.js'
import { MANAGED_REPOS } from '../model/layout.js'
import { readPlain } from './plain-files.js'

const MAX_POINTER_BYTES = 64 * 1024

/**
 * The folders in which a git is at work that may write a file of a repository: those of the file's environment,
 * else of its repository alone, and linked worktrees that stand elsewhere. Each by all the names that are known.
 */
export async function workAreasOf(path: string): Promise<string[]> {
  const repository = await repositoryAround(path)
  const area = environmentOf(path) ?? topOf(repository ?? dirname(path))
  const elsewhere = repository === undefined ? [] : await worktreesOf(repository)
  return [...new Set([area, ...elsewhere].flatMap((folder) => [folder, canonicalPath(folder)]))]
}

/** The git dir that a file lies in: the nearest folder with a HEAD and objects of its own. */
export async function repositoryAround(path: string): Promise<string | undefined> {
  const folder = dirname(path)
  const isRepository =
    (await kindOf(join(folder, 'HEAD'))) === 'file' && (await kindOf(join(folder, 'objects'))) === 'directory'
  if (isRepository) return folder
  return folder === path ? undefined : repositoryAround(folder)
}

/** The outermost folder of that kind, should there be several: the larger area is the safer one. */
function environmentOf(path: string): string | undefined {
  const parts = path.split(sep)
  const at = parts.indexOf(MANAGED_REPOS)
  return at < 0 || at + 2 >= parts.length ? undefined : parts.slice(0, at + 2).join(sep)
}

const topOf = (gitDir: string) => (basename(gitDir) === '.git' ? dirname(gitDir) : gitDir)

/** gitrepository-layout(5): `worktrees/<id>/gitdir` holds the path of the worktree's `.git` file. */
async function worktreesOf(gitDir: string): Promise<string[]> {
  const names = await namesIn(join(gitDir, 'worktrees'))
  return (await fewAtATime(names, (name) => worktreeOf(join(gitDir, 'worktrees', name)))).flat()
}

async function worktreeOf(entry: string): Promise<string[]> {
  try {
    // An agent may have put anything there: a pipe, a link to a file without end.
    const pointer = (await readPlain(join(entry, 'gitdir'), MAX_POINTER_BYTES))?.trim() ?? ''
    return pointer === '' ? [] : [dirname(resolve(entry, pointer))]
  } catch (error) {
    // An entry that is being made or removed has no files yet, or no more.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return []
    throw error
  }
}
