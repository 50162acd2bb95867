import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { readRefs } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import type { AgentRefs } from './agent-refs.js'
import type { LookRequest, SavedCommits } from './look-request.js'

/** What a checkout's repository has that nothing else has. */
export interface CommitWork {
  /** The newest first, at most 20. */
  readonly commits: readonly string[]
  readonly count: number
  readonly tags: readonly string[]
  /** Refs that name no commit, in words; looked for where there are no commits. */
  readonly others: readonly string[]
}

const LISTED = 20
const TAGS = 'refs/tags/'

/** Tips whose objects have to be there, and those that may name what git has deleted since. */
interface Tips {
  readonly certain: readonly string[]
  readonly faint: readonly string[]
}

/**
 * Finds the commits and tags that only this checkout has. The agent's refs say what to look for; what is saved is
 * said by the mirror or the caller's repository alone. Stashes are not among the commits.
 */
export async function findUnsavedCommits(
  git: Git,
  request: LookRequest,
  refs: AgentRefs,
): Promise<CommitWork> {
  const known =
    request.refs === 'own' ? await savedTags(request) : { has: (_ref: string, _oid: string) => false }
  const named = [...refs.refs].filter(([ref, oid]) => !known.has(ref, oid))
  const tips = unsavedTips(
    request,
    [refs.head.commit, ...named.map(([, oid]) => oid)],
    [...refs.specials.values(), ...refs.reflogTips],
  )
  const tags = request.refs === 'own' ? named.filter(([ref]) => ref.startsWith(TAGS)) : []
  const commits = await listed(git, request, tips)
  const names = tags.map(([ref]) => ref.slice(TAGS.length))
  const isSaved = commits.count + names.length === 0
  const others = isSaved
    ? await otherObjects(git, request, refs, new Set(tips.certain.concat(tips.faint)))
    : []
  return { ...commits, tags: names, others }
}

/**
 * A ref may name a file or a folder of git's, which no list of commits shows. `AUTO_MERGE` always does, and is part of an
 * unfinished merge.
 */
async function otherObjects(
  git: Git,
  request: LookRequest,
  { refs, specials, reflogTips }: AgentRefs,
  tips: ReadonlySet<string>,
): Promise<string[]> {
  const named = [...refs, ...specials, ...reflogTips.map((oid) => ['a reflog', oid] as const)]
  const asked = named.filter(([name, oid]) => tips.has(oid) && name !== 'AUTO_MERGE')
  if (asked.length === 0) return []
  const { stdout } = await git.run({
    args: ['cat-file', '--batch-check=%(objecttype)'],
    ...place(request),
    input: lines(asked.map(([, oid]) => `${oid}^{}`)),
  })
  const types = stdout.split('\n')
  return asked.flatMap(([name], at) =>
    types[at] === 'blob' || types[at] === 'tree' ? [`${name} names a ${types[at]}, and no commit`] : [],
  )
}

/** A tag may be new though its commit is not; one that the repository has like this is no work. */
async function savedTags({ repository: { gitDir } }: LookRequest) {
  const tags = await readRefs({ gitDir, commonDir: gitDir }, [TAGS])
  return { has: (ref: string, oid: string) => tags.get(ref) === oid }
}

function unsavedTips(
  { startedFrom }: LookRequest,
  certain: readonly (string | undefined)[],
  faint: readonly string[],
): Tips {
  const known = new Set<string | undefined>([undefined, ...startedFrom])
  const keep = (oids: readonly (string | undefined)[]) =>
    oids.filter((oid): oid is string => {
      const isNew = !known.has(oid)
      known.add(oid)
      return isNew
    })
  return { certain: keep(certain), faint: keep(faint) }
}

async function listed(
  git: Git,
  request: LookRequest,
  tips: Tips,
): Promise<Pick<CommitWork, 'commits' | 'count'>> {
  const { certain, faint } = tips
  if (certain.length + faint.length === 0) return { commits: [], count: 0 }
  try {
    return await count(git, request, [...certain, ...faint])
  } catch (error) {
    if (faint.length === 0 || !hasErrorCode(error, 'GIT_FAILED', 'GIT_REF_MISSING')) throw error
  }
  return count(git, request, [...certain, ...(await stillThere(git, request, faint))])
}

async function count(git: Git, request: LookRequest, tips: readonly string[]) {
  const saved = await request.saved()
  const revList = (args: readonly string[]) => unsaved(git, request, args, { tips, saved })
  const commits = (await revList([`--max-count=${LISTED}`])).split('\n').filter(Boolean)
  if (commits.length < LISTED) return { commits, count: commits.length }
  return { commits, count: Number(await revList(['--count'])) }
}

/**
 * ORIG_HEAD and reflogs outlive their objects where git has collected what nothing else named: such a one is gone for
 * good. Where a ref's own object is missing, nobody can tell.
 */
async function stillThere(git: Git, request: LookRequest, oids: readonly string[]): Promise<string[]> {
  const { stdout } = await git.run({
    args: ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
    ...place(request),
    input: lines(oids),
  })
  const there = new Set(stdout.split('\n').flatMap((line) => line.match(/^(\S+) (?:commit|tag)$/)?.[1] ?? []))
  return oids.filter((oid) => there.has(oid))
}

async function unsaved(
  git: Git,
  request: LookRequest,
  args: readonly string[],
  { tips, saved }: { readonly tips: readonly string[]; readonly saved: SavedCommits },
): Promise<string> {
  const { stdout } = await git.run({
    args: ['rev-list', ...args, '--stdin', '--not', ...saved.refs, ...request.startedFrom],
    ...place(request),
    input: lines([...tips, ...saved.commits.map((oid) => `^${oid}`)]),
  })
  return stdout
}

/** The repository's own objects come first; a graph of commits that the agent may have written is not believed. */
function place({ agent, repository, signal }: LookRequest) {
  return {
    gitDir: repository.gitDir,
    alternates: [join(agent.commonDir, 'objects')],
    config: { 'core.commitGraph': 'false' },
    signal,
  }
}

function lines(oids: readonly string[]): string {
  return oids.map((oid) => `${oid}\n`).join('')
}
