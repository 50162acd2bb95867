import { basename, dirname, join } from 'node:path'
import { makeDirectories } from '../fs/make-directories.js'
import { isPresent } from '../fs/presence.js'
import { takeInFile, takeInLooseObjects } from './archive-base.js'
import { packFolder, packsOf } from './archive-packs.js'
import type { OpenArchive } from './restore-archive.js'

/** Gives a repository what the archived one had beyond its base; later deletions of the archive do not touch it. */
export async function restoreObjects({ store, record }: OpenArchive, objects: string): Promise<void> {
  for (const pack of await packsOf(store, record.archiveId, 'work')) {
    await takeInPack(pack, join(objects, 'pack', `pack-${hashOf(pack)}`))
  }
}

/** Gives a repository the packs that the archive's base is in. */
export async function restoreBase({ store, record }: OpenArchive, objects: string): Promise<void> {
  for (const name of record.workspace.basePacks)
    await takeInPack(join(packFolder(store), name), join(objects, 'pack', name))
  // Objects outside of packs are few, and cannot be told apart.
  await takeInLooseObjects(join(store.gitDir, 'objects'), objects)
}

async function takeInPack(from: string, to: string): Promise<void> {
  await makeDirectories(dirname(to))
  for (const ending of ['.promisor', '.pack', '.idx'])
    if (await isPresent(`${from}${ending}`)) await takeInFile(`${from}${ending}`, `${to}${ending}`)
}

const hashOf = (pack: string) => basename(pack).slice(basename(pack).lastIndexOf('-') + 1)
