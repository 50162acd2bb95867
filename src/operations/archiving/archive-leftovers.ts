import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn } from '../../fs/presence.js'
import { readJsonIfPresent } from '../../fs/read-json.js'
import { makerOfTemporary } from '../../fs/temporary-name.js'
import { parseArchiveClaim } from '../../model/archive-record.js'
import { environmentLayout } from '../../model/layout.js'
import { removePacksOf } from '../../preservation/archive-packs.js'
import { removeRefs } from '../../preservation/archive-refs.js'
import { assertOwnArchives } from '../assert-own-environment.js'
import type { Services } from '../services.js'
import { archiveFile } from './archive-folder.js'

/** An archive that a killed process never came to the end of. */
export interface ArchiveLeftover {
  readonly path: string
  readonly archiveId: string | undefined
  /** `unknown`: on another host, perhaps. */
  readonly maker: 'dead' | 'unknown'
}

/**
 * What killed processes left of archives that they were making: each was announced, by a file in `archives/` that goes
 * when the archive's record is there.
 */
export async function findArchiveLeftovers(services: Services, envId: string): Promise<ArchiveLeftover[]> {
  const { archivesDir } = environmentLayout(services.settings.root, envId)
  const found = (await namesIn(archivesDir)).map(async (name) => {
    const maker = makerOfTemporary(name)
    if (maker === undefined || maker === 'alive') return []
    const path = join(archivesDir, name)
    return [{ path, maker, archiveId: parseArchiveClaim(await readJsonIfPresent(path)) }]
  })
  return (await Promise.all(found)).flat()
}

/** Takes away what dead processes of this host left of archives that have no record. @returns their files. */
export async function clearArchiveLeftovers(services: Services, envId: string): Promise<string[]> {
  const leftovers = (await findArchiveLeftovers(services, envId)).filter(({ maker }) => maker === 'dead')
  for (const { path, archiveId } of leftovers) {
    if (archiveId !== undefined && !(await hasRecord(services, envId, archiveId)))
      await removeArchive(services, envId, archiveId)
    await rm(path, { force: true })
  }
  return leftovers.map(({ path }) => path)
}

/** Takes away everything that has an archive's id: its record first, since that is what makes it one. Idempotent. */
export async function removeArchive(services: Services, envId: string, archiveId: string): Promise<void> {
  const gitDir = environmentLayout(services.settings.root, envId).archivesRepository
  await assertOwnArchives(services.settings.root, envId)
  await rm(archiveFile(services, envId, archiveId), { force: true })
  await removeRefs(services.git, { gitDir }, archiveId)
  await removePacksOf({ gitDir }, archiveId)
}

async function hasRecord(services: Services, envId: string, archiveId: string): Promise<boolean> {
  return (await readJsonIfPresent(archiveFile(services, envId, archiveId))) !== undefined
}
