import { stat } from 'node:fs/promises'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { InputError } from '../errors/workspace-error.js'
import type { CreateRequest, Strategy, Tree } from './strategy.js'

/** The caller's own folder, used as it is: nothing in it is made, changed or deleted here. */
export function localStrategy(): Strategy {
  return {
    name: 'local',
    traits: { ownsDirectory: false, usesRepository: false, sharesRefs: false },

    async create({ sourcePath, signal }: CreateRequest): Promise<Tree> {
      throwIfStopped(signal)
      if (sourcePath === undefined) throw notAFolder('no local path was given')
      if (!(await isDirectory(sourcePath))) throw notAFolder('the path is no folder', sourcePath)
      return { workDir: sourcePath }
    },

    remove: () => Promise.resolve(),
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}

function notAFolder(problem: string, path?: string): InputError {
  return new InputError('SOURCE_INVALID', `the strategy "local" cannot be used: ${problem}`, {
    data: { field: 'source', ...(path === undefined ? {} : { path }) },
    hint: 'Give the path of an existing folder as `source`.',
  })
}
