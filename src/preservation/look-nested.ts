import type { FileWork } from './look-files.js'
import { type NestedWork, NOTHING_READ, readBelow } from './tree-folders.js'
import type { TreeLook } from './tree-look.js'

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
  const before = files.folders ?? NOTHING_READ
  const isNew = (folder: string) => !known.has(folder)
  const unread = before.unread.filter((folder) => isNew(folder.slice(0, -1)))
  const found = await readBelow(look, unread, isNew)
  const repositories = new Set([...files.repositories, ...before.repositories, ...found.repositories])
  // The tree's own.
  repositories.delete('')
  return { repositories: [...repositories].sort(), unknown: [...before.unknown, ...found.unknown] }
}
