import { constants } from 'node:fs'
import { copyFile, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { allOrFirstFailure } from '../errors/first-failure.js'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { makeDirectories } from '../fs/make-directories.js'
import { kindOf } from '../fs/presence.js'
import { temporaryName } from '../fs/temporary-name.js'
import type { ObjectFormat } from '../model/object-format.js'
import type { GitCall } from './git.js'
import { writeCone } from './sparse-cone.js'

/** Millions of files fit in; an agent may say more with a file of holes. */
const MAX_INDEX_BYTES = 1024 ** 3

export interface TrustedViewOptions {
  /** Where the view's own files go for as long as it lives; outside the agent's reach. */
  readonly scratchDir: string
  readonly workTree: string
  readonly objectFormat: ObjectFormat
  /** The commit that HEAD names in the view; absent: a branch without a commit. */
  readonly head?: string | undefined
  /** Object folders to read from: the mirror's, the agent's. */
  readonly alternates: readonly string[]
  /** An index to start from; it is copied. */
  readonly indexFile?: string | undefined
  /** The folders of a sparse checkout: other files are not missed, and those that are there are looked at. */
  readonly sparse?: readonly string[] | undefined
}

/** What to spread into a git call, so that it looks at the agent's tree through our own git dir. */
export type TrustedView = Required<Pick<GitCall, 'gitDir' | 'workTree' | 'indexFile' | 'alternates'>>

/**
 * Looks at a tree through a git dir of our own, for as long as `action` runs: no configuration, hook, filter,
 * attribute file or index of the agent's repository is obeyed, since git never sees that repository.
 */
export async function withTrustedView<T>(
  options: TrustedViewOptions,
  action: (view: TrustedView) => Promise<T>,
): Promise<T> {
  const gitDir = join(options.scratchDir, temporaryName('view'))
  try {
    await writeSkeleton(gitDir, options)
    const indexFile = join(gitDir, 'index')
    if (options.indexFile !== undefined) await copyIndex(options.indexFile, indexFile)
    return await action({ gitDir, workTree: options.workTree, indexFile, alternates: options.alternates })
  } finally {
    await removeView(gitDir)
  }
}

/**
 * By name, and side by side, since Node takes ten times as many turns through its thread pool to find out what is there.
 * Not in the event loop, where every other call would wait as well while the file system writes its journal.
 */
async function removeView(gitDir: string): Promise<void> {
  const inside = (name: string) => join(gitDir, name)
  await Promise.allSettled([
    ...['HEAD', 'config', 'index'].map((name) => unlink(inside(name))),
    rmdir(inside('refs')),
    rmdir(inside('objects/info')).then(() => rmdir(inside('objects'))),
  ])
  try {
    await rmdir(gitDir)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return
    // What git left besides, such as the patterns of a sparse checkout.
    await rm(gitDir, { recursive: true, force: true })
  }
}

/**
 * Copies an index with its time. The time matters: git compares contents again for files that are not older
 * than the index (racy-git), so it may be put back, but never forward. It is put back to the full second, which is
 * what git counts in, so that nobody takes it for the moment at which git wrote the index.
 *
 * @throws IntegrityError TAMPERED for what is no plain file, or larger than a gigabyte.
 */
export async function copyIndex(from: string, to: string): Promise<'copied' | 'absent'> {
  // A pipe in its place would be waited for without end, and a link leads to somebody else's.
  if ((await kindOf(from)) !== 'file') return absentOrOdd(from)
  // Beside it first: what has its name may have another one elsewhere, by a hard link.
  const temporary = join(dirname(to), temporaryName('index'))
  try {
    const { mtimeMs, size } = await stat(from)
    if (size > MAX_INDEX_BYTES) throw odd('the index is too large to be read', from)
    const seconds = Math.floor(mtimeMs / 1000)
    await copyFile(from, temporary, constants.COPYFILE_FICLONE)
    await utimes(temporary, seconds, seconds)
    await rename(temporary, to)
    return 'copied'
  } catch (error) {
    await rm(temporary, { force: true })
    if (isSystemError(error, 'ENOENT')) return 'absent'
    throw error
  }
}

async function absentOrOdd(index: string): Promise<'absent'> {
  if ((await kindOf(index)) === 'absent') return 'absent'
  throw odd('the index is no plain file', index)
}

function odd(problem: string, index: string): IntegrityError {
  return new IntegrityError('TAMPERED', `${problem}: ${index}`, { data: { path: index } })
}

async function writeSkeleton(gitDir: string, options: TrustedViewOptions): Promise<void> {
  await makeDirectories(join(gitDir, 'objects', 'info'), { mode: 0o700 })
  await makeDirectories(join(gitDir, 'refs'), { mode: 0o700 })
  await allOrFirstFailure([
    writeFile(join(gitDir, 'HEAD'), `${options.head ?? 'ref: refs/heads/unborn'}\n`),
    writeFile(join(gitDir, 'config'), viewConfig(options)),
  ])
  if (options.sparse !== undefined) await writeCone(gitDir, options.sparse)
}

const sparseCore = '\tsparseCheckout = true\n\tsparseCheckoutCone = true\n'

function viewConfig({ objectFormat, sparse }: TrustedViewOptions): string {
  const windows = process.platform === 'win32'
  const foldsCase = windows || process.platform === 'darwin'
  const format = objectFormat === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : ''
  return `[core]
\trepositoryFormatVersion = ${objectFormat === 'sha256' ? 1 : 0}
\tbare = false
\tfileMode = ${!windows}
\tsymlinks = ${!windows}
\tignoreCase = ${foldsCase}
\tprecomposeUnicode = ${process.platform === 'darwin'}
${sparse === undefined ? '' : sparseCore}${format}`
}
