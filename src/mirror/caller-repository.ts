import { resolve } from 'node:path'
import { hasErrorCode, InputError } from '../errors/workspace-error.js'
import type { Git } from '../git/git.js'
import { refStorageOf } from '../git/ref-storage.js'
import { CALLER_REF_SEARCH, type Repository } from './repository.js'

/**
 * Opens the caller's own repository, for strategies that share its refs. Only looked at here.
 *
 * @throws InputError SOURCE_INVALID where the folder is no repository, or stores its refs in a way that
 * registrations cannot be written for.
 */
export async function openCallerRepository(
  git: Git,
  path: string,
  signal?: AbortSignal,
): Promise<Repository> {
  const { commonDir, objectFormat, refStorage } = await describe(git, path, signal)
  const gitDir = resolve(path, commonDir)
  await refuseOtherRefStorage(gitDir, refStorage)
  return { gitDir, objectFormat, owner: 'caller', refSearch: CALLER_REF_SEARCH, defaultRef: 'HEAD' }
}

interface Description extends Pick<Repository, 'objectFormat'> {
  readonly commonDir: string
  readonly refStorage: string
}

const SHOW_REF_FORMAT = '--show-ref-format'
const QUESTIONS = ['--git-common-dir', '--show-object-format', SHOW_REF_FORMAT, '--show-prefix']

async function describe(git: Git, path: string, signal?: AbortSignal): Promise<Description> {
  try {
    const { stdout } = await git.run({ args: ['rev-parse', ...QUESTIONS], cwd: path, signal })
    const [commonDir = '', format = '', answer = '', prefix = ''] = stdout.split('\n')
    if (prefix !== '') throw noRepository(path)
    // A git before 2.45 knows no other storage, and gives back what it does not know as it is.
    const refStorage = answer === SHOW_REF_FORMAT ? 'files' : answer
    return { commonDir, objectFormat: format === 'sha256' ? 'sha256' : 'sha1', refStorage }
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED', 'GIT_NETWORK')) throw error
    const isUnknown = hasErrorCode(error, 'GIT_FAILED') && UNKNOWN.test(String(error.data['stderr']))
    throw isUnknown ? unknownStorage('one that this git does not know', error) : noRepository(path, error)
  }
}

/** What git says of an extension that is newer than it is, and of a storage that it has never heard of. */
const UNKNOWN = /refstorage/i

async function refuseOtherRefStorage(gitDir: string, storage: string): Promise<void> {
  if (storage === 'files' || (storage === 'reftable' && (await refStorageOf(gitDir)) === storage)) return
  throw unknownStorage(storage)
}

function unknownStorage(refStorage: string, cause?: unknown): InputError {
  const message = 'worktrees of a repository with this ref storage are not supported'
  const hint = "Use the strategy 'clone', or a git that knows the storage (2.45 for 'reftable')."
  return new InputError('SOURCE_INVALID', message, { data: { field: 'source', refStorage }, hint, cause })
}

/** Also for a folder inside a repository: what was meant is better asked than guessed. */
export function noRepository(path: string, cause?: unknown): InputError {
  return new InputError('SOURCE_INVALID', 'the source path is no git repository', {
    data: { field: 'source', path },
    cause,
  })
}
