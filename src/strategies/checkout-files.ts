import { constants } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryName } from '../fs/temporary-name.js'
import type { Git } from '../git/git.js'
import type { CreateRequest } from './strategy.js'

/**
 * Writes the files of a commit, with as many workers as there are processors, and leaves two indexes: the
 * agent's, in its git dir, and the manager's own, where the request wants one.
 */
export async function checkoutFiles(
  git: Git,
  request: CreateRequest,
  gitDir: string,
  commit: string,
): Promise<void> {
  const index = join(gitDir, 'index')
  await git.run({
    args: ['read-tree', '--reset', '-u', ...(request.onProgress ? ['-v'] : []), commit],
    gitDir,
    workTree: request.workDir,
    indexFile: request.indexFile ?? index,
    config: { 'checkout.workers': '0' },
    signal: request.signal,
    onProgress: (progress) => request.onProgress?.(progress.percent),
  })
  if (request.indexFile !== undefined) await installIndex(request.indexFile, gitDir)
}

/** Gives a git dir a copy of an index, in one step. */
export async function installIndex(from: string, gitDir: string): Promise<void> {
  const temporary = join(gitDir, temporaryName('index'))
  await copyFile(from, temporary, constants.COPYFILE_FICLONE)
  await rename(temporary, join(gitDir, 'index'))
}
