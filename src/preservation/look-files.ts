import { join } from 'node:path'
import { GitError } from '../errors/workspace-error.js'
import type { Git } from '../git/git.js'
import type { IndexEntry } from '../git/index-entries.js'
import {
  lookAtRacy,
  type OwnIndex,
  readOwnIndex,
  vouchAgain,
  writeCompared,
  writeSettled,
} from '../git/settled-index.js'
import { isCheckedOut } from '../git/sparse-cone.js'
import { type TrustedView, type TrustedViewOptions, withTrustedView } from '../git/trusted-view.js'
import { deletedOutsideCone } from './look-sparse.js'
import { applyStaged, splitList, stagedChanges } from './look-staged.js'
import { together } from './together.js'
import { type FoldersRead, readTrackedFolders } from './tree-folders.js'
import type { TreeLook } from './tree-look.js'

/** What a tree has that its HEAD does not have. Paths are relative to the tree. */
export interface FileWork {
  readonly staged: readonly string[]
  readonly unstaged: readonly string[]
  readonly untracked: readonly string[]
  /** Files, and folders with a `/` at the end; nobody has looked into these. */
  readonly ignored: readonly string[]
  /** Folders that git takes for repositories of their own. */
  readonly repositories: readonly string[]
  /** The submodules of HEAD, with the commits that it names. */
  readonly submodules: ReadonlyMap<string, string>
  /** What was read of its folders meanwhile. */
  readonly folders?: FoldersRead | undefined
}

/** What git says of hundreds of thousands of files still fits in. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024

/**
 * Compares a tree with its HEAD and with what is staged, through a git dir of our own. The flags and times of the
 * agent's index have no say: skip-worktree, assume-unchanged and a forged mtime hide nothing.
 */
export function findFileWork(git: Git, look: TreeLook): Promise<FileWork> {
  const { workDir, objectFormat, head, indexFile, sparse } = look
  return inViewOf(look, { workTree: workDir, sparse }, async (trusted) => {
    const own = indexFile === undefined ? undefined : await readOwnIndex(indexFile, objectFormat)
    const isOfHead = own !== undefined && head !== undefined && head === look.indexCommit
    const found = await (isOfHead
      ? lookWithOwnIndex(git, look, trusted, own)
      : lookAtHead(git, look, trusted, own))
    const gone = await deletedOutsideCone(git, look, trusted)
    return { ...found, unstaged: [...new Set([...found.unstaged, ...gone])] }
  })
}

/** What is staged of a checkout whose files are gone: the index of a worktree is not among them. */
export function findStagedAlone(git: Git, look: TreeLook): Promise<string[]> {
  return inViewOf(look, { workTree: look.scratchDir }, async (trusted) =>
    (await stagedChanges(git, look, trusted)).map(({ path }) => path),
  )
}

function inViewOf<T>(
  look: TreeLook,
  tree: Pick<TrustedViewOptions, 'workTree' | 'sparse'>,
  action: (view: TrustedView) => Promise<T>,
): Promise<T> {
  const { scratchDir, objectFormat, head, objectDirectory } = look
  const alternates = [join(look.agent.commonDir, 'objects')]
  return withTrustedView({ scratchDir, objectFormat, head, alternates, ...tree }, (view) =>
    action({ ...view, ...(objectDirectory !== undefined && { objectDirectory }) }),
  )
}

/** The usual case, made fast: what is rarely found is looked for at the same time, and costs a second look. */
async function lookWithOwnIndex(
  git: Git,
  look: TreeLook,
  view: TrustedView,
  own: OwnIndex,
): Promise<FileWork> {
  await writeSettled(own, view.indexFile, [])
  const [lines, changes, racy, folders] = await together([
    status(git, look, view),
    stagedChanges(git, look, view),
    lookAtRacy(own, look.workDir, look.signal),
    readTrackedFolders(look, own.entries),
  ])
  const submodules = submodulesIn(own.entries)
  const found = { staged: changes.map(({ path }) => path), submodules, folders }
  if (racy.areAllAsWritten) await vouchAgain(own, join(view.gitDir, 'HEAD'))
  if (changes.length + racy.doubtful.length === 0) return { ...sorted(lines), ...found }
  await writeSettled(own, view.indexFile, racy.doubtful)
  await applyStaged(git, look, view, changes)
  return { ...sorted(await status(git, look, view)), ...found }
}

async function lookAtHead(
  git: Git,
  look: TreeLook,
  view: TrustedView,
  own: OwnIndex | undefined,
): Promise<FileWork> {
  const { head, workDir, objectFormat, signal } = look
  if (own !== undefined) await writeCompared(own, view.indexFile, workDir, signal)
  const args = head === undefined ? ['--empty'] : ['-i', '-m', head]
  await git.run({ args: ['read-tree', ...args], ...view, signal })
  const written = await readOwnIndex(view.indexFile, objectFormat)
  if (written === undefined)
    throw new GitError('GIT_FAILED', 'git wrote an index of a format that it was not asked for')
  const changes = await stagedChanges(git, look, view)
  await applyStaged(git, look, view, changes)
  const staged = changes.map(({ path }) => path)
  return { ...sorted(await status(git, look, view)), staged, submodules: submodulesIn(written.entries) }
}

function submodulesIn(entries: readonly IndexEntry[]): Map<string, string> {
  return new Map(
    entries.flatMap(({ path, commit }) =>
      path === undefined || commit === undefined ? [] : [[path, commit] as const],
    ),
  )
}

async function status(git: Git, { signal, sparse }: TreeLook, view: TrustedView): Promise<string[]> {
  const { stdout } = await git.run({
    args: [
      ...['status', '--porcelain', '-z', '--no-renames', '--ignore-submodules=all'],
      ...['--untracked-files=all', '--ignored=matching'],
    ],
    ...view,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal,
  })
  return splitList(stdout).filter((line) => !line.startsWith(' D') || isCheckedOut(line.slice(3), sparse))
}

/** Two letters, a space and a path each; see git-status(1), "Porcelain Format Version 1". */
function sorted(
  lines: readonly string[],
): Pick<FileWork, 'unstaged' | 'untracked' | 'repositories' | 'ignored'> {
  const pathsOf = (isWanted: (line: string) => boolean) => lines.filter(isWanted).map((line) => line.slice(3))
  // All files are listed one by one, so that a folder among them is one that git does not look into.
  const isFolder = (line: string) => line.endsWith('/')
  return {
    unstaged: pathsOf((line) => !/^(?:\?\?|!!|. )/.test(line)),
    untracked: pathsOf((line) => line.startsWith('??') && !isFolder(line)),
    repositories: pathsOf((line) => line.startsWith('??') && isFolder(line)).map((path) => path.slice(0, -1)),
    ignored: pathsOf((line) => line.startsWith('!!')),
  }
}
