import type { ObjectFormat } from '../model/object-format.js'
import type { ObjectFilter } from '../model/shape.js'

/** A repository that tasks are made from: the environment's mirror, or the caller's own. */
export interface Repository {
  readonly gitDir: string
  readonly objectFormat: ObjectFormat
  readonly owner: 'manager' | 'caller'
  /** Of a mirror: when it last heard from its remote. */
  readonly fetchedAt?: string | undefined
  /** Of a partial mirror: what it leaves out. */
  readonly filter?: ObjectFilter | undefined
  /** Where a name given as a base is looked for, in this order; `{name}` stands for it. */
  readonly refSearch: readonly string[]
  /** The ref that stands for "the default branch". */
  readonly defaultRef: string
}

/** Upstream branches come first, as in `git clone --branch`; then tags; then branches made by tasks. */
export const MIRROR_REF_SEARCH = [
  'refs/remotes/origin/{name}',
  'refs/tags/{name}',
  'refs/heads/{name}',
  'refs/remotes/{name}',
] as const

export const CALLER_REF_SEARCH = ['refs/heads/{name}', 'refs/tags/{name}', 'refs/remotes/{name}'] as const

export const UPSTREAM_HEAD = 'refs/remotes/origin/HEAD'
export const UPSTREAM_BRANCHES = 'refs/remotes/origin/'
