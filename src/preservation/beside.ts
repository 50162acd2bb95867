import { join, relative } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { kindOf, namesIn } from '../fs/presence.js'
import { isTemporaryName } from '../fs/temporary-name.js'
import { isTrashName } from '../fs/trash.js'
import { RESERVED_TASK_NAMES } from '../model/layout.js'

/** A task's folder, and what in it is not the agent's. */
export interface BesidePlace {
  readonly rootDir: string
  readonly workDir: string
  /** Files that the caller had written, relative to the task's folder. */
  readonly known: readonly string[]
  /**
   * Repositories and added worktrees among the task's results, which are looked at all the same; relative to its
   * folder.
   */
  readonly repositories: readonly string[]
}

/** What a task's results are kept in: whoever removes a workspace was told to take them first, or to keep them. */
export const RESULTS = ['output', 'logs', 'state'] as const

/** Names right in a task's folder that are none of the agent's work: the layout's, and those of unfinished removals. */
export async function namesToLeaveOut({ rootDir, workDir }: BesidePlace): Promise<string[]> {
  const checkout = relative(rootDir, workDir).split('/')[0] ?? ''
  const ours = new Set<string>([...RESERVED_TASK_NAMES, ...RESULTS, checkout])
  const isOurs = (name: string) =>
    ours.has(name) ||
    (name.startsWith('.trash-') && isTrashName(name)) ||
    isTemporaryName(name) ||
    /^\.git(?:config|-credentials)\.lock$/.test(name)
  return (await namesIn(rootDir)).filter(isOurs)
}

/** What the look tells: names right in the task's folder, or of repositories, with the number of files below each. */
export async function findBeside(place: BesidePlace): Promise<Map<string, number>> {
  const { rootDir } = place
  const leftOut = await namesToLeaveOut(place)
  const names = (await namesIn(rootDir)).filter((name) => !leftOut.includes(name))
  const known = new Set(place.known.map((name) => join(rootDir, name)))
  const found = new Map<string, number>()
  for (const name of [...names, ...place.repositories]) {
    const files = await countFiles(join(rootDir, name), known)
    if (files > 0) found.set(name, files)
  }
  return found
}

/** How many files there are below a path but for those that are known; one where it is a file. */
export async function countFiles(path: string, known: ReadonlySet<string> = new Set()): Promise<number> {
  let files = 0
  for await (const file of filesAt(path)) if (!known.has(file)) files += 1
  return files
}

/** A file, or every file below a folder; a folder that cannot be read counts as one. */
async function* filesAt(path: string): AsyncGenerator<string> {
  const names = await namesOrNone(path)
  if (typeof names === 'string') yield path
  else for (const name of names) yield* filesAt(join(path, name))
}

async function namesOrNone(path: string): Promise<readonly string[] | 'no folder' | 'unreadable'> {
  try {
    return (await kindOf(path)) === 'directory' ? await namesIn(path) : 'no folder'
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'ENAMETOOLONG')) return 'unreadable'
    throw error
  }
}
