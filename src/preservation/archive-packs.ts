import { createHash } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { namesIn } from '../fs/presence.js'
import { syncPath } from '../fs/sync-path.js'
import type { Git } from '../git/git.js'
import type { ArchiveStore } from './archive-store.js'

/** What a pack of an archive holds: the agent's commits, or the files of the checkout. */
export type PackKind = 'work' | 'snapshot'

const PREFIX = 'pack-archive-'
const TAG_LENGTH = 16

export function packFolder({ gitDir }: Pick<ArchiveStore, 'gitDir'>): string {
  return join(gitDir, 'objects', 'pack')
}

export interface NewPack {
  /** Written by us or by git from what an agent made; nothing in it is believed yet. */
  readonly file: string
  readonly archiveId: string
  readonly kind: PackKind
  readonly signal?: AbortSignal | undefined
}

/**
 * Takes a pack in: git computes the name of every object in it anew from its content, then it is flushed to the disk and
 * moved into place, its index last, since git sees a pack by its index.
 */
export async function installPack(git: Git, store: ArchiveStore, pack: NewPack): Promise<void> {
  const index = `${pack.file}.idx`
  const args = ['index-pack', '-o', index, pack.file]
  const { stdout } = await git.run({ args, gitDir: store.gitDir, signal: pack.signal })
  // The hash at the end keeps the name one that git can read (`add_packed_git` in its source).
  const hash = /[0-9a-f]{40,64}/.exec(stdout)?.[0] ?? ''
  const name = join(packFolder(store), `${prefixOf(pack.archiveId)}${pack.kind}-${hash}`)
  for (const file of [pack.file, index]) await syncPath(file)
  await rename(pack.file, `${name}.pack`)
  await rename(index, `${name}.idx`)
  await syncPath(dirname(name))
}

/** The paths of an archive's own packs, without their endings. */
export async function packsOf(
  store: Pick<ArchiveStore, 'gitDir'>,
  archiveId: string,
  kind?: PackKind,
): Promise<string[]> {
  const prefix = `${prefixOf(archiveId)}${kind ?? ''}`
  const names = await namesIn(packFolder(store))
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith('.idx'))
    .map((name) => join(packFolder(store), name.slice(0, -'.idx'.length)))
}

/** Removes an archive's own packs, the half of one included. Idempotent. */
export async function removePacksOf(store: Pick<ArchiveStore, 'gitDir'>, archiveId: string): Promise<void> {
  const names = (await namesIn(packFolder(store))).filter((name) => name.startsWith(prefixOf(archiveId)))
  // A pack that is seen must be whole.
  const indexesFirst = names.sort(
    (one, other) => Number(other.endsWith('.idx')) - Number(one.endsWith('.idx')),
  )
  for (const name of indexesFirst) await removeFile(join(packFolder(store), name))
}

/** Removes what was taken in of other repositories, but for the packs that are still needed. */
export async function removeBasePacks(
  store: Pick<ArchiveStore, 'gitDir'>,
  needed: ReadonlySet<string>,
): Promise<void> {
  const names = (await namesIn(packFolder(store))).filter((name) => /^pack-/.test(name) && isBasePack(name))
  const unneeded = names.filter((name) => !needed.has(name.replace(/\.[a-z]+$/, '')))
  for (const name of indexesFirst(unneeded)) await removeFile(join(packFolder(store), name))
}

/** Whether a file of the store is none of an archive's own packs: what it holds all tasks of the environment may read. */
export function isBasePack(name: string): boolean {
  return !name.startsWith(PREFIX)
}

/** A pack that is seen must be whole. */
function indexesFirst(names: readonly string[]): string[] {
  return [...names].sort((one, other) => Number(other.endsWith('.idx')) - Number(one.endsWith('.idx')))
}

async function removeFile(path: string): Promise<void> {
  try {
    await rm(path)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
}

/** An id may be too long to be a part of the name. */
function prefixOf(archiveId: string): string {
  return `${PREFIX}${createHash('sha256').update(archiveId).digest('hex').slice(0, TAG_LENGTH)}-`
}
