import { GitError } from '../errors/workspace-error.js'
import { readSymbolicRef } from '../git/agent-git-dir.js'
import { guardRef } from '../git/arguments.js'
import type { Git } from '../git/git.js'
import { type Repository, UPSTREAM_BRANCHES } from './repository.js'

/** A base found: what it is called and which commit it is. */
export interface ResolvedBase {
  readonly ref: string
  readonly commit: string
  /** A full commit name cannot go stale. */
  readonly pinned: boolean
}

const FULL_OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i
const ABBREVIATED_OID = /^[0-9a-f]{4,63}$/i

/** Whether the text is a complete commit name. */
export function isFullCommit(ref: string): boolean {
  return FULL_OID.test(ref)
}

/**
 * Finds the commit of a base: a branch, a tag, a full or shortened commit, or the default branch. A branch
 * wins over a tag of the same name; `refs/tags/<name>` names the tag.
 *
 * @throws GitError GIT_REF_MISSING, or GIT_REPOSITORY_EMPTY where there is no commit at all.
 */
export async function resolveBase(
  git: Git,
  repository: Repository,
  baseRef: string | undefined,
  signal?: AbortSignal,
): Promise<ResolvedBase | undefined> {
  if (baseRef === undefined) return resolveDefault(git, repository, signal)
  guardRef(baseRef)
  const commits = await git.commits(repository.gitDir, candidates(repository, baseRef), signal)
  const commit = commits.find((found) => found !== undefined)
  return commit === undefined ? undefined : { ref: baseRef, commit, pinned: isFullCommit(baseRef) }
}

/** The error for a base that is nowhere, after every way to find it was tried. */
export function missingBase(baseRef: string | undefined, source: string): GitError {
  if (baseRef !== undefined) {
    return new GitError('GIT_REF_MISSING', `the source has no branch, tag or commit "${baseRef}"`, {
      data: { baseRef, source },
    })
  }
  return new GitError('GIT_REF_MISSING', 'the source names no default branch that exists', {
    data: { source },
    hint: 'Set baseRef to a branch of the source.',
  })
}

function candidates(repository: Repository, name: string): string[] {
  if (FULL_OID.test(name)) return [name]
  const searched = repository.refSearch.map((pattern) => pattern.replace('{name}', name))
  const full = name.startsWith('refs/') ? [upstreamName(repository, name), name] : []
  return [...full, ...searched, ...(ABBREVIATED_OID.test(name) ? [name] : [])]
}

/** What the source calls `refs/heads/x` is `refs/remotes/origin/x` in its mirror. */
function upstreamName(repository: Repository, ref: string): string {
  return repository.owner === 'manager' ? ref.replace(/^refs\/heads\//, UPSTREAM_BRANCHES) : ref
}

async function resolveDefault(
  git: Git,
  repository: Repository,
  signal?: AbortSignal,
): Promise<ResolvedBase | undefined> {
  const guesses = ['main', 'master'].map((name) => repository.refSearch[0]?.replace('{name}', name) ?? name)
  const [own, ...others] = await git.commits(repository.gitDir, [repository.defaultRef, ...guesses], signal)
  if (own !== undefined) return { ref: await defaultName(repository), commit: own, pinned: false }
  const index = others.findIndex((found) => found !== undefined)
  const commit = others[index]
  return commit === undefined
    ? undefined
    : { ref: ['main', 'master'][index] ?? 'main', commit, pinned: false }
}

/** Read as the plain file that it is: both kinds of repository keep symbolic refs as files. */
async function defaultName({ gitDir, defaultRef }: Repository): Promise<string> {
  const target = await readSymbolicRef(gitDir, defaultRef)
  if (target === undefined || target.startsWith('refs/git-task/')) return 'HEAD'
  return target.replace(UPSTREAM_BRANCHES, '').replace(/^refs\/heads\//, '')
}
