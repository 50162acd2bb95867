import { randomBytes } from 'node:crypto'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kindOf } from '../fs/presence.js'
import type { Git } from '../git/git.js'
import { tampered } from '../git/plain-files.js'
import { copyIndex, type TrustedView } from '../git/trusted-view.js'
import { copySharedIndexes } from './shared-index.js'
import type { TreeLook } from './tree-look.js'

/** git knows these without an object: the tree with nothing in it. */
const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
} as const

/** A path that the agent's index has otherwise than HEAD. */
export interface StagedChange {
  readonly path: string
  /** What the index has, as lines for `update-index --index-info`: more than one for a path in conflict. */
  readonly entries: readonly string[]
}

/**
 * What the agent has staged. Its index is read in a copy; the flags and times in it have no say.
 *
 * @throws IntegrityError TAMPERED for an index that is no plain file.
 */
export async function stagedChanges(git: Git, look: TreeLook, view: TrustedView): Promise<StagedChange[]> {
  const own = join(look.agent.gitDir, 'index')
  const kind = await kindOf(own)
  if (kind !== 'file' && kind !== 'absent') throw tampered('the index is no plain file', own)
  if (kind === 'absent' || (await isAsCheckedOut(look, own))) return []
  const indexFile = join(view.gitDir, `agent-index-${randomBytes(4).toString('hex')}`)
  await copyIndex(own, indexFile)
  await copySharedIndexes(look.agent.gitDir, view.gitDir)
  const changes = await differences(git, look, { ...view, indexFile })
  const isInConflict = changes.some(({ entries }) => entries.length === 0)
  if (!isInConflict) return changes
  return withConflicts(changes, await conflictEntries(git, look, { ...view, indexFile }))
}

/** Brings an index with HEAD's tree to what is staged. */
export async function applyStaged(
  git: Git,
  { signal, objectFormat }: TreeLook,
  view: TrustedView,
  changes: readonly StagedChange[],
): Promise<void> {
  if (changes.length === 0) return
  const none = '0'.repeat(EMPTY_TREE[objectFormat].length)
  // An entry goes out first, so that those of a conflict can come in.
  const lines = changes.flatMap(({ path, entries }) => [`0 ${none}\t${path}`, ...entries])
  const input = lines.map((line) => `${line}\0`).join('')
  await git.run({ args: ['update-index', '-z', '--index-info'], ...view, input, signal })
}

/** The checkout gave the agent a copy of our own index. */
export async function isAsCheckedOut(
  { head, indexCommit, indexFile }: TreeLook,
  own: string,
): Promise<boolean> {
  if (indexFile === undefined || head !== indexCommit || (await kindOf(indexFile)) !== 'file') return false
  // An index that the agent blew up is not read.
  if ((await lstat(indexFile)).size !== (await lstat(own)).size) return false
  return (await readFile(indexFile)).equals(await readFile(own))
}

/** Lines of git-diff-index(1), "Raw output format": modes, objects and a letter, then the path. */
async function differences(git: Git, look: TreeLook, view: TrustedView): Promise<StagedChange[]> {
  const { stdout } = await git.run({
    args: [
      ...['diff-index', '--cached', '--raw', '-z', '--no-abbrev', '--no-renames', '--ignore-submodules=none'],
      look.head ?? EMPTY_TREE[look.objectFormat],
      '--',
    ],
    ...view,
    signal: look.signal,
  })
  const parts = splitList(stdout)
  return parts.flatMap((part, at) => {
    const [, mode, , oid, letter] = part.split(' ')
    const path = parts[at + 1]
    if (at % 2 === 1 || path === undefined) return []
    return [{ path, entries: letter === 'U' ? [] : [`${mode} ${oid}\t${path}`] }]
  })
}

async function conflictEntries(git: Git, { signal }: TreeLook, view: TrustedView): Promise<string[]> {
  return splitList((await git.run({ args: ['ls-files', '-u', '-z'], ...view, signal })).stdout)
}

function withConflicts(changes: readonly StagedChange[], conflicts: readonly string[]): StagedChange[] {
  return changes.map(({ path, entries }) => {
    const own = conflicts.filter((line) => line.slice(line.indexOf('\t') + 1) === path)
    return { path, entries: entries.length === 0 ? own : entries }
  })
}

/** What git separates by NUL. */
export function splitList(output: string): string[] {
  return output.split('\0').filter((part) => part !== '')
}
