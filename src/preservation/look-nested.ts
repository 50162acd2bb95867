import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { readableEntriesIn } from '../fs/presence.js'
import type { FileWork } from './look-files.js'
import type { TreeLook } from './tree-look.js'

/** What a tree holds that git does not look into. */
export interface NestedWork {
  /** Folders with a `.git` of their own, whatever is in it, relative to the tree. */
  readonly repositories: readonly string[]
  readonly unknown: readonly string[]
}

/**
 * Finds repositories inside a tree. git names those in untracked folders, but passes over any `.git` in a folder with
 * tracked files, and over one that is no repository. Submodules and ignored folders are left out.
 */
export async function findNested(look: TreeLook, files: FileWork): Promise<NestedWork> {
  const known = new Set([
    ...files.repositories,
    ...files.submodules.keys(),
    ...files.ignored.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1)),
  ])
  const [repositories, unknown]: [Set<string>, string[]] = [new Set(files.repositories), []]
  let folders = ['']
  while (folders.length > 0) {
    throwIfStopped(look.signal)
    const level = folders
    folders = []
    for (const { below, entries } of await readFolders(look.workDir, level)) {
      if (entries === undefined) unknown.push(`the folder "${below.slice(0, -1)}" cannot be read`)
      for (const entry of entries ?? []) {
        const path = `${below}${entry.name}`
        if (entry.name === '.git') repositories.add(below.slice(0, -1))
        else if (entry.isDirectory() && !known.has(path)) folders.push(`${path}/`)
      }
    }
  }
  // The tree's own.
  repositories.delete('')
  return { repositories: [...repositories].sort(), unknown }
}

function readFolders(workDir: string, folders: readonly string[]) {
  return fewAtATime(folders, async (below) => ({
    below,
    entries: await readableEntriesIn(join(workDir, below)),
  }))
}
