import { constants } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { allOrFirstFailure } from '../errors/first-failure.js'
import { LinkedSignal } from '../fs/linked-signal.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { temporaryName } from '../fs/temporary-name.js'
import type { Git, GitCall } from '../git/git.js'
import { PARALLEL_CHECKOUT } from '../git/parallel-checkout.js'
import { sparseConfig, writeCone } from '../git/sparse-cone.js'
import { withTrustedView } from '../git/trusted-view.js'
import type { CreateRequest, StrategyRepository } from './strategy.js'

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
  await writeFiles(git, request, { gitDir, indexFile: request.indexFile ?? index, commit })
  if (request.indexFile !== undefined) await installIndex(request.indexFile, gitDir)
}

/** What a checkout that is made aside needs besides the request. */
export interface AsideParts {
  readonly commit: string
  readonly repository: StrategyRepository
  /** Makes `gitDir` and what it names. Once it has failed, no more files are written. */
  readonly link: () => Promise<void>
}

/**
 * The same for a checkout whose repository others can write to, which is the manager's own: through a git dir that
 * nobody else knows, so that no configuration and no attribute of that repository has a say, whenever it was changed.
 * That needs no `gitDir` until the index goes there, so that the files are written while it is made.
 */
export async function checkoutAside(
  git: Git,
  request: CreateRequest,
  gitDir: string,
  { commit, repository, link }: AsideParts,
): Promise<void> {
  const { indexFile, workDir, shape } = request
  if (repository.owner !== 'manager' || indexFile === undefined) {
    await link()
    return checkoutFiles(git, request, gitDir, commit)
  }
  const { objectFormat } = repository
  const view = {
    ...{ scratchDir: dirname(indexFile), workTree: workDir, objectFormat, head: commit, alternates: [] },
    sparse: shape?.sparse,
  }
  const objectDirectory = join(repository.gitDir, 'objects')
  await meanwhile(request.signal, link, (signal) =>
    withTrustedView(view, (own) =>
      writeFiles(git, { ...request, signal }, { gitDir: own.gitDir, indexFile, commit, objectDirectory }),
    ),
  )
  if (shape?.sparse !== undefined) await writeCone(gitDir, shape.sparse)
  await installIndex(indexFile, gitDir)
}

/** Runs both at once, ends the second when the first fails, and waits for both in any case. */
async function meanwhile(
  signal: AbortSignal | undefined,
  first: () => Promise<void>,
  second: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController()
  const linked = new LinkedSignal(signal, failed.signal)
  const firstOrStop = first().catch((error: unknown) => {
    failed.abort(error)
    throw error
  })
  try {
    await allOrFirstFailure([firstOrStop, second(linked.signal)])
  } finally {
    linked.unlink()
  }
}

interface Writing extends Pick<GitCall, 'objectDirectory'> {
  readonly gitDir: string
  readonly indexFile: string
  readonly commit: string
}

async function writeFiles(
  git: Git,
  { workDir, shape, lineEnds, signal, onProgress }: CreateRequest,
  { commit, ...place }: Writing,
): Promise<void> {
  await git.run({
    // What it says of its progress is its sign of life as well.
    args: ['read-tree', '--reset', '-u', '-v', commit],
    ...place,
    workTree: workDir,
    config: {
      ...PARALLEL_CHECKOUT,
      ...sparseConfig(shape?.sparse),
      ...(lineEnds === 'as committed' && AS_COMMITTED),
    },
    signal,
    onProgress: onProgress && whileWriting(onProgress),
  })
}

const AS_COMMITTED = { 'core.autocrlf': 'false', 'core.eol': 'lf' } as const

/** Other stages of the same git are no part of the files written. */
function whileWriting(listener: (percent: number) => void): GitCall['onProgress'] {
  return ({ stage, percent }) => {
    if (stage === 'Updating files') listener(percent)
  }
}

/** Gives a git dir a copy of an index, in one step. */
export async function installIndex(from: string, gitDir: string): Promise<void> {
  const temporary = join(gitDir, temporaryName('index'))
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE)
    // Asked in between: with the git dir the copy is moved away too, so that nothing is left to be renamed.
    await assertStillHolding()
    await rename(temporary, join(gitDir, 'index'))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
