import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { readableEntriesIn } from '../fs/presence.js'
import type { IndexEntry } from '../git/index-entries.js'
import type { TreeLook } from './tree-look.js'

/** What a tree holds that git does not look into. */
export interface NestedWork {
  /** Folders with a `.git` of their own, whatever is in it, relative to the tree. */
  readonly repositories: readonly string[]
  readonly unknown: readonly string[]
}

/** What was found so far, and what is still to be read. */
export interface FoldersRead extends NestedWork {
  /** Folders relative to the tree, with a `/` at the end; the tree itself is ''. */
  readonly unread: readonly string[]
}

export const NOTHING_READ: FoldersRead = { repositories: [], unknown: [], unread: [''] }

/** Reads the folders that have tracked files, for which git's answer need not be known. */
export function readTrackedFolders(look: TreeLook, entries: readonly IndexEntry[]): Promise<FoldersRead> {
  const tracked = foldersOf(entries)
  return readBelow(look, NOTHING_READ.unread, (folder) => tracked.has(folder))
}

/** Reads folders and those in them; a folder in them that is not wanted is left unread. */
export async function readBelow(
  look: TreeLook,
  start: readonly string[],
  isWanted: (folder: string) => boolean,
): Promise<FoldersRead> {
  const [repositories, unknown, unread]: [string[], string[], string[]] = [[], [], []]
  let folders = start
  while (folders.length > 0) {
    throwIfStopped(look.signal)
    const next: string[] = []
    for (const { below, entries } of await readFolders(look.workDir, folders)) {
      if (entries === undefined) unknown.push(`the folder "${below.slice(0, -1)}" cannot be read`)
      for (const entry of entries ?? []) {
        if (entry.name === '.git') repositories.push(below.slice(0, -1))
        else if (entry.isDirectory())
          (isWanted(`${below}${entry.name}`) ? next : unread).push(`${below}${entry.name}/`)
      }
    }
    folders = next
  }
  return { repositories, unknown, unread }
}

function readFolders(workDir: string, folders: readonly string[]) {
  return fewAtATime(folders, async (below) => ({
    below,
    entries: await readableEntriesIn(join(workDir, below)),
  }))
}

function foldersOf(entries: readonly IndexEntry[]): Set<string> {
  const folders = new Set<string>()
  for (const { path = '' } of entries)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  return folders
}
