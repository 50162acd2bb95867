import type { ReflogEntry } from './reflog-entry.js'
import type { RefValue } from './reftable-table.js'

export interface RefsBelow {
  /** With the object that each names. */
  readonly objects: Map<string, string>
  /** Those that name another ref, or that cannot be understood. */
  readonly symbolic: readonly string[]
}

/**
 * How the refs below one folder are read: those of a repository below its common folder, those that a linked worktree
 * has for itself (git-worktree(1), "Refs") below its own. git is not asked, so that no setting is obeyed.
 */
export interface RefStore {
  /** What one ref names. @throws IntegrityError TAMPERED for what cannot be read; so do all of these. */
  value(folder: string, ref: string): Promise<RefValue | undefined>
  /** Every ref below the prefixes. */
  refs(folder: string, prefixes: readonly string[]): Promise<RefsBelow>
  /** The names below a prefix, without it; no ref is opened where there is another way. */
  names(folder: string, prefix: string): Promise<string[]>
  /** The oldest entry first; none where there is none. */
  reflog(folder: string, ref: string): Promise<ReflogEntry[]>
  /** The refs below `refs/` that have a reflog. */
  reflogNames(folder: string): Promise<string[]>
  /** The objects of ORIG_HEAD and others of its kind; of those alone that are no files. */
  rootRefs(folder: string): Promise<Map<string, string>>
}
