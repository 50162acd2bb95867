import { IntegrityError } from '../errors/workspace-error.js'
import type { Git, GitCall } from '../git/git.js'
import { listNames } from '../git/listed-names.js'
import { type ObjectPlace, type ObjectSource, presentObjects } from './archive-source.js'

/** What an agent's repository names, and where it is. */
export interface ObjectsRequest {
  /** Objects that must all be there: refs, HEAD, stashes. */
  readonly needed: readonly string[]
  /** Objects that are taken where they are there: what reflogs and unfinished work name may be long gone. */
  readonly wanted: readonly string[]
  /** Commits that the store and the source may both have with all that they reach. */
  readonly base: readonly string[]
  /** Where a pack is written, without its ending. */
  readonly file: string
  readonly signal?: AbortSignal | undefined
}

export interface PackedObjects {
  /** The pack; undefined where the store has everything. */
  readonly pack: string | undefined
  /** What was asked for and is there, the base included, with the kind of object that it is. */
  readonly there: ReadonlyMap<string, string>
  /** Those that the store has, and all that they reach. */
  readonly base: readonly string[]
}

/**
 * Writes all objects that the store does not have to one pack. git reads the agent's folder of objects and nothing else
 * of its repository: no configuration, no hook, no upload-pack.
 *
 * @throws IntegrityError ARCHIVE_FAILED naming what the repository lacks.
 */
export async function packAgentObjects(
  git: Git,
  source: ObjectSource,
  request: ObjectsRequest,
): Promise<PackedObjects> {
  const stored = [...(await presentObjects(git, source.store, request.base)).keys()]
  const there = await presentObjects(git, source.all, [...stored, ...request.needed, ...request.wanted])
  const base = stored.filter((oid) => there.has(oid))
  const missing = request.needed.find((oid) => !there.has(oid))
  if (missing !== undefined) throw incomplete(missing)
  const wanted = [...new Set(request.wanted)].filter((oid) => there.has(oid))
  const roots = [...new Set([...request.needed, ...wanted])]
  const found = { there, base }
  if (roots.length === 0) return { ...found, pack: undefined }
  const { stdout } = await git.run({
    args: [
      'pack-objects',
      '--revs',
      '--non-empty',
      '--delta-base-offset',
      '--quiet',
      '--window=0',
      request.file,
    ],
    ...source.all,
    input: revisions(roots, base),
    signal: request.signal,
  })
  const hash = stdout.trim()
  return { ...found, pack: hash === '' ? undefined : `${request.file}-${hash}.pack` }
}

/**
 * Makes sure that the store alone, without any repository it was filled from, has everything that the tips reach, each
 * object with the content that its name stands for.
 *
 * @throws IntegrityError ARCHIVE_FAILED
 */
export async function assertComplete(
  git: Git,
  store: ObjectPlace,
  {
    tips,
    base,
    signal,
  }: { tips: readonly string[]; base: readonly string[]; signal?: AbortSignal | undefined },
): Promise<void> {
  if (tips.length === 0) return
  await git.run({
    args: ['rev-list', '--objects', '--verify-objects', '--quiet', '--stdin'],
    ...store,
    input: revisions(tips, base),
    signal,
  })
}

/** Those of the commits that nothing else of an archive reaches. */
export async function unreachedCommits(
  git: Git,
  store: ObjectPlace,
  request: { commits: readonly string[]; reached: readonly string[]; signal?: AbortSignal | undefined },
): Promise<string[]> {
  if (request.commits.length === 0) return []
  const found = new Set<string>()
  const { stdout } = await git.run({
    args: ['rev-list', '--stdin'],
    ...store,
    input: revisions(request.commits, request.reached),
    maxOutputBytes: 1 << 30,
    signal: request.signal,
  })
  for (const oid of stdout.split('\n')) found.add(oid)
  return request.commits.filter((oid) => found.has(oid))
}

/** The objects that an index names, all of its stages, what was resolved, and its trees; the index is a copy. */
export async function objectsOfIndex(
  git: Git,
  place: Pick<GitCall, 'gitDir' | 'workTree' | 'indexFile' | 'alternates'>,
  signal?: AbortSignal,
): Promise<string[]> {
  const found = new Set<string>()
  await listNames(
    git,
    { args: ['ls-files', '--stage', '--resolve-undo', '-z'], ...place, signal },
    (line) => {
      const [, mode, oid] = /^(\d+) ([0-9a-f]+) \d\t/.exec(line) ?? []
      // A submodule's commit is in another repository.
      if (oid !== undefined && mode !== '160000') found.add(oid)
    },
  )
  for (const oid of await treesOfIndex(git, place, signal)) found.add(oid)
  return [...found]
}

/**
 * An index remembers the trees that were written of it, as by a commit that a hook refused, and git gc ends where one of
 * them is missing (gitformat-index(5), "Cache tree"). Those that are gone already are not told.
 */
async function treesOfIndex(
  git: Git,
  place: Pick<GitCall, 'gitDir' | 'indexFile' | 'alternates'>,
  signal?: AbortSignal,
): Promise<string[]> {
  const { stdout } = await git.run({
    args: [
      ...['rev-list', '--objects', '--no-object-names', '--indexed-objects', '--missing=allow-any'],
      ...['--filter=object:type=tree', '--filter-provided-objects'],
    ],
    ...place,
    // What is damaged is told of where it is needed.
    okCodes: [0, 128],
    maxOutputBytes: 1 << 30,
    signal,
  })
  return stdout.split('\n').filter((oid) => oid !== '')
}

/** As git-rev-list(1) takes them on its input. */
function revisions(wanted: readonly string[], excluded: readonly string[]): string {
  return [...wanted, ...excluded.map((oid) => `^${oid}`), ''].join('\n')
}

function incomplete(oid: string): IntegrityError {
  return new IntegrityError('ARCHIVE_FAILED', `the workspace's repository lacks the object ${oid}`, {
    data: { oid },
    hint: 'Look into the workspace; its repository is damaged.',
  })
}
