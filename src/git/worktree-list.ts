import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { inTurns } from '../fs/in-turns.js'
import { namesIn } from '../fs/presence.js'
import { readAtOnce } from '../fs/read-at-once.js'
import { SettledMemory } from '../fs/settled-memory.js'
import { settledStamp } from '../fs/settled-stamp.js'
import { readSymbolicRef } from './agent-git-dir.js'
import { type RefStorage, refStorageOf } from './ref-storage.js'
import { readTableRefs } from './reftable.js'

/** One linked worktree as the repository has it registered. */
export interface WorktreeEntry {
  readonly name: string
  /** Its folder; it need not exist. */
  readonly workDir: string
  /** The branch that is checked out, also one without a commit; undefined where HEAD is detached. */
  readonly branch: string | undefined
}

const MAX_BYTES = 4096

const memory = new SettledMemory<WorktreeEntry | undefined>()

/**
 * The linked worktrees of a repository, as `git worktree list` would tell, read as plain files
 * (gitrepository-layout(5)): no process, and no failure where another command has an entry half made. Such an
 * entry is left out. One that nothing has changed in since it was last read is remembered: git replaces HEAD by
 * renaming a file, which its folder's times show.
 */
export async function readWorktrees(commonDir: string, now = new Date()): Promise<WorktreeEntry[]> {
  const folder = join(commonDir, 'worktrees')
  const names = await namesIn(folder)
  memory.keepOnly(folder, names)
  const storage = names.length === 0 ? 'files' : await refStorageOf(commonDir)
  const entries: (WorktreeEntry | undefined)[] = []
  for await (const some of inTurns(names))
    entries.push(...(await fewAtATime(some, (name) => rememberedEntry({ folder, name, storage }, now))))
  return entries.filter((entry) => entry !== undefined)
}

interface EntryPlace {
  readonly folder: string
  readonly name: string
  readonly storage: RefStorage
}

function rememberedEntry(place: EntryPlace, now: Date): Promise<WorktreeEntry | undefined> {
  const path = join(place.folder, place.name)
  // What a HEAD in tables names is told by the times of their folder.
  const stamps = [path, ...(place.storage === 'files' ? [] : [join(path, 'reftable')])]
  const stamp = joined(stamps.map((folder) => settledStamp(folder, now)))
  return memory.recall(path, stamp, () => readEntry(place))
}

function joined(stamps: readonly (string | undefined)[]): string | undefined {
  return stamps.includes(undefined) ? undefined : stamps.join(' ')
}

async function readEntry({ folder, name, storage }: EntryPlace): Promise<WorktreeEntry | undefined> {
  const path = join(folder, name)
  const [gitFile, head] = await Promise.all([
    readLine(join(path, 'gitdir')),
    storage === 'files' ? readLine(join(path, 'HEAD')) : headInTables(path),
  ])
  if (gitFile === undefined || head === undefined) return undefined
  return { name, workDir: dirname(gitFile), branch: /^ref: refs\/heads\/(.+)$/.exec(head)?.[1] }
}

/** As a file would say it; nothing where it cannot be read, which is no reason to know of no other worktree. */
async function headInTables(path: string): Promise<string | undefined> {
  try {
    const head = (await readTableRefs(path)).get('HEAD')
    if (head === undefined) return undefined
    return 'oid' in head ? head.oid : `ref: ${head.target}`
  } catch (error) {
    if (!hasErrorCode(error, 'TAMPERED')) throw error
    return ''
  }
}

/** The branch that the repository's own checkout is on; undefined where it has none, or a detached HEAD. */
export async function readMainBranch(commonDir: string): Promise<string | undefined> {
  return /^refs\/heads\/(.+)$/.exec((await readSymbolicRef(commonDir, 'HEAD')) ?? '')?.[1]
}

/**
 * The folders that have a branch checked out, also one without a commit: those of linked worktrees, and the repository's
 * git dir where its own checkout is on it.
 */
export async function usersOfBranch(commonDir: string, branch: string): Promise<string[]> {
  const [main, worktrees] = await Promise.all([readMainBranch(commonDir), readWorktrees(commonDir)])
  const users = worktrees.filter((worktree) => worktree.branch === branch).map(({ workDir }) => workDir)
  return main === branch ? [commonDir, ...users] : users
}

/** Whether another checkout than that in a folder has the branch. */
export async function isUsedElsewhere(commonDir: string, branch: string, workDir: string): Promise<boolean> {
  return (await usersOfBranch(commonDir, branch)).some((user) => user !== workDir)
}

/** The content of a small plain file; agents may have put anything there. */
async function readLine(path: string): Promise<string | undefined> {
  const small = readAtOnce(path)
  if (small === 'absent') return undefined
  if (small !== 'otherwise') return small.toString('utf8', 0, MAX_BYTES).trimEnd()
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0)
      return buffer.toString('utf8', 0, bytesRead).trimEnd()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO')) return undefined
    throw error
  }
}
