import { constants } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryName } from '../fs/temporary-name.js'
import type { Git, GitCall } from '../git/git.js'
import { sparseConfig, writeCone } from '../git/sparse-cone.js'
import type { CreateRequest } from './strategy.js'

/**
 * Writes the files of a commit, with as many workers as there are processors, and leaves two indexes: the
 * agent's, in its git dir, and the manager's own, where the request wants one. Of a sparse checkout only the cone
 * is written; both indexes say so.
 */
export async function checkoutFiles(
  git: Git,
  request: CreateRequest,
  gitDir: string,
  commit: string,
): Promise<void> {
  const index = join(gitDir, 'index')
  const sparse = request.shape?.sparse
  if (sparse !== undefined) await writeCone(gitDir, sparse)
  await git.run({
    // What it says of its progress is its sign of life as well.
    args: ['read-tree', '--reset', '-u', '-v', commit],
    gitDir,
    workTree: request.workDir,
    indexFile: request.indexFile ?? index,
    config: { 'checkout.workers': '0', ...sparseConfig(sparse) },
    signal: request.signal,
    onProgress: request.onProgress && whileWriting(request.onProgress),
  })
  if (request.indexFile !== undefined) await installIndex(request.indexFile, gitDir)
}

/** Other stages of the same git are no part of the files written. */
function whileWriting(listener: (percent: number) => void): GitCall['onProgress'] {
  return ({ stage, percent }) => {
    if (stage === 'Updating files') listener(percent)
  }
}

/** Gives a git dir a copy of an index, in one step. */
export async function installIndex(from: string, gitDir: string): Promise<void> {
  const temporary = join(gitDir, temporaryName('index'))
  await copyFile(from, temporary, constants.COPYFILE_FICLONE)
  await rename(temporary, join(gitDir, 'index'))
}
