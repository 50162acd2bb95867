import { basename, dirname, join } from 'node:path'
import { makeDirectories } from '../fs/make-directories.js'
import { isPresent } from '../fs/presence.js'
import { temporaryName } from '../fs/temporary-name.js'
import { deleteTree } from '../fs/trash.js'
import type { Git, GitCall } from '../git/git.js'
import { writeCuts } from '../git/shallow-file.js'
import { withTrustedView } from '../git/trusted-view.js'
import { copyInFile, type TakeIn, takeInFile, takeInLooseObjects } from './archive-base.js'
import { packFolder, packsOf } from './archive-packs.js'
import { type ObjectPlace, presentObjects } from './archive-source.js'
import type { OpenArchive } from './restore-archive.js'

/**
 * Gives a repository what the archived one had beyond its base, as copies: neither deletions of the archive nor what an
 * agent does to its own repository touch the other one.
 */
export async function restoreObjects({ store, record }: OpenArchive, objects: string): Promise<void> {
  for (const pack of await packsOf(store, record.archiveId, 'work')) {
    await takeInPack(pack, join(objects, 'pack', `pack-${hashOf(pack)}`), copyInFile)
  }
}

/** A repository to restore into, and a folder for what is needed for the length of a look. */
export interface RestoreTargetRepository {
  readonly gitDir: string
  readonly scratchDir: string
  /** Whether the workspace has its refs for itself, and so may have less history than the repository. */
  readonly refs: 'own' | 'shared'
  readonly signal?: AbortSignal | undefined
}

/**
 * Whether a repository has everything that the archive's refs need and its own packs do not hold. It may have lost any of
 * it since: to a branch that was deleted, to a mirror that was made anew, to a `git gc`.
 */
export async function hasBaseOf(
  git: Git,
  archive: OpenArchive,
  target: RestoreTargetRepository,
): Promise<boolean> {
  const { store, record } = archive
  const objects = join(target.scratchDir, temporaryName('objects'))
  try {
    for (const pack of await packsOf(store, record.archiveId))
      await takeInPack(pack, join(objects, 'pack', basename(pack)), takeInFile)
    return await reachesAll(git, archive, target, objects)
  } finally {
    await deleteTree(objects)
  }
}

async function reachesAll(
  git: Git,
  { store, record, refs, manifest: { cuts } }: OpenArchive,
  { gitDir, scratchDir, signal, refs: whose }: RestoreTargetRepository,
  objects: string,
): Promise<boolean> {
  const { base } = record.workspace
  // What the base reaches is there with it.
  const asked = { tips: [...refs.values()], known: base === undefined ? [] : [base.commit], signal }
  if (cuts.length === 0 || whose === 'shared') return reaches(git, { gitDir, alternates: [objects] }, asked)
  const alternates = [join(gitDir, 'objects'), objects]
  const view = { scratchDir, workTree: scratchDir, objectFormat: store.objectFormat, alternates }
  return withTrustedView(view, async (trusted) => {
    await writeCuts(trusted.gitDir, cuts)
    return reaches(git, { gitDir: trusted.gitDir, alternates, config: AS_PARTIAL }, asked)
  })
}

/** What a partial mirror left out was never there, also where a git dir of our own stands for the repository. */
export const AS_PARTIAL = { 'remote.origin.promisor': 'true' } as const

interface Reached {
  readonly tips: readonly string[]
  /** Commits that are there with all that they reach. */
  readonly known?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** Whether objects are there with all that they reach, but for what a partial clone leaves out. */
export async function reaches(
  git: Git,
  place: ObjectPlace & Pick<GitCall, 'config'>,
  { tips, known = [], signal }: Reached,
): Promise<boolean> {
  // git 2.55 passes over a tip that is missing where objects may be left out (2.39 ends with 128).
  const wanted = new Set([...tips, ...known])
  if ((await presentObjects(git, place, [...wanted])).size < wanted.size) return false
  const { code } = await git.run({
    args: ['rev-list', '--objects', '--quiet', '--missing=allow-promisor', '--stdin'],
    input: [...new Set(tips), ...known.map((oid) => `^${oid}`)].map((line) => `${line}\n`).join(''),
    ...{ ...place, okCodes: [0, 1, 128], signal },
  })
  return code === 0
}

/** Gives a repository the packs that the archive's base is in. */
export async function restoreBase(
  { store, record }: OpenArchive,
  objects: string,
  take: TakeIn = takeInFile,
): Promise<void> {
  for (const name of record.workspace.basePacks)
    await takeInPack(join(packFolder(store), name), join(objects, 'pack', name), take)
  // Objects outside of packs are few, and cannot be told apart.
  await takeInLooseObjects(join(store.gitDir, 'objects'), objects, take)
}

async function takeInPack(from: string, to: string, take: TakeIn): Promise<void> {
  await makeDirectories(dirname(to))
  for (const ending of ['.promisor', '.pack', '.idx'])
    if (await isPresent(`${from}${ending}`)) await take(`${from}${ending}`, `${to}${ending}`)
}

const hashOf = (pack: string) => basename(pack).slice(basename(pack).lastIndexOf('-') + 1)
