import { mkdir } from 'node:fs/promises'
import { throwIfStopped } from '../errors/stop-reason.js'
import { deleteTree } from '../fs/trash.js'
import type { CreateRequest, Strategy, Tree } from './strategy.js'

/** A plain, empty folder, for tasks that need no repository. */
export function directoryStrategy(): Strategy {
  return {
    name: 'directory',
    traits: { ownsDirectory: true, usesRepository: false, sharesRefs: false },

    async create({ workDir, signal }: CreateRequest): Promise<Tree> {
      throwIfStopped(signal)
      await mkdir(workDir)
      return { workDir }
    },

    remove: (tree: Tree) => deleteTree(tree.workDir),
  }
}
