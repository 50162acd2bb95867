import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '../git/git.js'
import { type RefStorage, refStorageOf } from '../git/ref-storage.js'
import { HEAD_STUB } from '../git/reftable-refs.js'

/** What the HEAD of a new worktree names. */
export type NewHead = { readonly branch: string } | { readonly commit: string }

/** How it is written: as a file where refs are files, or by git wherever they are. */
export type HeadWriter = 'by storage' | 'by git'

export interface HeadRequest {
  /** The repository that the worktree is one of. */
  readonly gitDir: string
  /** The worktree's entry, which is in the making right below `gitDir`. */
  readonly entry: string
  readonly head: NewHead
  readonly writer: HeadWriter
  readonly signal?: AbortSignal | undefined
}

/** Writes HEAD, and `commondir`, into an entry that is no worktree's yet. */
export async function writeHead(git: Git, request: HeadRequest): Promise<void> {
  const { gitDir, entry, head, writer, signal } = request
  const storage = await refStorageOf(gitDir)
  if (storage === 'files' && writer === 'by storage') {
    await writeFile(
      join(entry, 'HEAD'),
      'branch' in head ? `ref: refs/heads/${head.branch}\n` : `${head.commit}\n`,
    )
  } else {
    await writeGround(entry, storage)
    await git.run({ args: headCommand(head), gitDir: entry, signal })
  }
  await writeFile(join(entry, 'commondir'), '../..\n')
}

/** What git takes for a worktree's git dir while the entry is one folder higher than it will be. */
async function writeGround(entry: string, storage: RefStorage): Promise<void> {
  await writeFile(join(entry, 'commondir'), '..\n')
  await writeFile(join(entry, 'HEAD'), HEAD_STUB)
  if (storage === 'files') return
  for (const folder of ['reftable', 'refs']) await mkdir(join(entry, folder))
  await writeFile(join(entry, 'refs', 'heads'), 'this repository uses the reftable format\n')
}

/** A branch is named before there is anything that could be logged. */
function headCommand(head: NewHead): string[] {
  if ('branch' in head) return ['symbolic-ref', 'HEAD', `refs/heads/${head.branch}`]
  return ['update-ref', '--no-deref', 'HEAD', head.commit]
}
