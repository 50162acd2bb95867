import { join } from 'node:path'
import { isPresent } from '../fs/presence.js'
import { syncPath } from '../fs/sync-path.js'
import type { Git } from '../git/git.js'
import { plainFilesBelow } from '../git/plain-files.js'
import { refNameProblem } from '../git/ref-name.js'
import type { AgentRefs } from './agent-refs.js'
import type { ArchiveStore } from './archive-store.js'

/** What an archive's refs are made of; the values are names of objects that the store has. */
export interface RefsToArchive {
  readonly head: string | undefined
  /** The agent's own refs by their full names. */
  readonly refs: AgentRefs['refs']
  /** The newest first. */
  readonly stashes: AgentRefs['stashes']
  readonly specials: ReadonlyMap<string, string>
  /** Further objects that must stay: what reflogs and indexes name. */
  readonly others: readonly string[]
}

export interface PlannedRefs {
  /** Full names in the store. */
  readonly all: ReadonlyMap<string, string>
  /** The agent's refs, and their names in the store. */
  readonly named: readonly (readonly [ref: string, archived: string])[]
}

/** All refs of one archive are below this. */
export function refFolder(archiveId: string): string {
  return `refs/archives/${archiveId}`
}

/**
 * What the refs of an archive will be called. An agent may have given a ref a name that git refuses: it gets a number.
 */
export function planRefs(
  archiveId: string,
  { head, refs, stashes, specials, others }: RefsToArchive,
): PlannedRefs {
  const folder = refFolder(archiveId)
  const all = new Map<string, string>()
  const named: [string, string][] = []
  if (head !== undefined) all.set(`${folder}/head`, head)
  for (const [ref, oid] of refs) {
    const archived = `${folder}/${nameFor(ref, named.length)}`
    all.set(archived, oid)
    named.push([ref, archived])
  }
  for (const [index, { commit }] of stashes.entries()) all.set(`${folder}/stash/${index}`, commit)
  for (const [index, oid] of [...specials.values()].entries()) all.set(`${folder}/special/${index}`, oid)
  for (const [index, oid] of others.entries()) all.set(`${folder}/reflog/${index}`, oid)
  return { all, named }
}

function nameFor(ref: string, number: number): string {
  const name = ref.replace(/^refs\//, '')
  const isUsable = refNameProblem(name) === undefined && ref.startsWith('refs/')
  if (!isUsable) return `odd/${number}`
  return /^(?:heads|tags)\//.test(name) ? name : `refs/${name}`
}

/** Writes all refs of an archive in one transaction, and flushes them to the disk. */
export async function writeRefs(
  git: Git,
  store: ArchiveStore,
  refs: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<void> {
  const lines = [...refs].map(([ref, oid]) => `create ${ref} ${oid}\n`)
  const input = ['start\n', ...lines, 'prepare\n', 'commit\n'].join('')
  await git.run({ args: ['update-ref', '--stdin'], gitDir: store.gitDir, input, signal })
}

/** For gits that do not flush refs themselves (before 2.36). */
export async function syncRefs(store: ArchiveStore, archiveId: string): Promise<void> {
  const folder = join(store.gitDir, refFolder(archiveId))
  const files = await plainFilesBelow(folder)
  const folders = new Set(files.flatMap((file) => foldersAbove(file)))
  for (const path of [...files, ...folders]) await syncPath(join(folder, path))
}

function foldersAbove(file: string): string[] {
  const parts = file.split('/').slice(0, -1)
  return ['..', '', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))]
}

/** Removes all refs of an archive. Idempotent. */
export async function removeRefs(
  git: Git,
  store: Pick<ArchiveStore, 'gitDir'>,
  archiveId: string,
): Promise<void> {
  if (!(await isPresent(join(store.gitDir, 'HEAD')))) return
  const folder = refFolder(archiveId)
  const { stdout } = await git.run({
    args: ['for-each-ref', '--format=%(refname)', `${folder}/`],
    gitDir: store.gitDir,
  })
  const refs = stdout.split('\n').filter((ref) => ref !== '')
  if (refs.length === 0) return
  const input = refs.map((ref) => `delete ${ref}\n`).join('')
  await git.run({ args: ['update-ref', '--stdin'], gitDir: store.gitDir, input })
}
