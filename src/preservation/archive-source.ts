import { join } from 'node:path'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import type { Git, GitCall } from '../git/git.js'
import { readCuts, writeCuts } from '../git/shallow-file.js'
import type { ArchiveStore } from './archive-store.js'

/** What to spread into a git call, so that it reads objects from there and from nowhere else. */
export type ObjectPlace = Required<Pick<GitCall, 'gitDir' | 'alternates'>>

/** Where the objects of an archive are read from. */
export interface ObjectSource {
  /** The store alone. */
  readonly store: ObjectPlace
  /** What an archive may take from, and nothing of what other archives have. */
  readonly all: ObjectPlace
  /** Commits whose parents are nowhere. */
  readonly cuts: readonly string[]
}

export interface SourceRequest {
  readonly agent: AgentGitDir
  /** Object folders: the agent's own, and those that all tasks of the environment read. */
  readonly alternates: readonly string[]
  /** A git dir of our own, without an object in it. */
  readonly viewGitDir: string
  readonly signal?: AbortSignal | undefined
}

const MAX_SHALLOW_BYTES = 64 * 1024 * 1024

/**
 * Where history ends because the agent has fetched no more of it (gitrepository-layout(5), `shallow`), it may end in
 * the archive too: the store is then read through a git dir that says so, and never told itself, since another archive
 * may have what this one lacks. A cut whose parents are there is none.
 */
export async function openSource(
  git: Git,
  store: ArchiveStore,
  { agent, alternates, viewGitDir, signal }: SourceRequest,
): Promise<ObjectSource> {
  const all = { gitDir: viewGitDir, alternates }
  const listed = await listedCuts(join(agent.commonDir, 'shallow'))
  const cuts = await missingParents(git, all, listed, signal)
  if (cuts.length === 0) return { store: { gitDir: store.gitDir, alternates: [] }, all, cuts }
  await writeCuts(viewGitDir, cuts)
  return { store: { gitDir: viewGitDir, alternates: [join(store.gitDir, 'objects')] }, all, cuts }
}

/** The cuts that a file of an agent's lists. */
export function listedCuts(file: string): Promise<string[]> {
  return readCuts(file, MAX_SHALLOW_BYTES)
}

/** Those of the commits that are there, and one of whose parents is not. */
export async function missingParents(
  git: Git,
  place: ObjectPlace,
  listed: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const types = await presentObjects(git, place, listed)
  const commits = listed.filter((oid) => types.get(oid) === 'commit')
  if (commits.length === 0) return []
  const args = ['rev-list', '--no-walk=unsorted', '--parents', '--stdin']
  const { stdout } = await git.run({ args, ...place, input: lines(commits), signal })
  const families = stdout.split('\n').map((line) => line.split(' '))
  const there = await presentObjects(
    git,
    place,
    families.flatMap(([, ...parents]) => parents),
  )
  return families.flatMap(([commit = '', ...parents]) =>
    parents.every((parent) => there.has(parent)) ? [] : [commit],
  )
}

/** Those of the objects that are there, with the kinds that they are. */
export async function presentObjects(
  git: Git,
  place: ObjectPlace,
  oids: readonly string[],
): Promise<Map<string, string>> {
  const asked = [...new Set(oids)]
  if (asked.length === 0) return new Map()
  const { stdout } = await git.run({
    args: ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
    ...place,
    input: lines(asked),
    maxOutputBytes: asked.length * 128 + 1024,
  })
  const found = stdout.split('\n').map((line) => /^([0-9a-f]+) (commit|tree|blob|tag)$/.exec(line))
  return new Map(found.flatMap((line) => (line ? [[line[1] ?? '', line[2] ?? ''] as const] : [])))
}

function lines(oids: readonly string[]): string {
  return oids.map((oid) => `${oid}\n`).join('')
}
