import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeJsonAtomic } from '../../fs/atomic-write.js'
import { ensureDirectoryInside } from '../../fs/contained-path.js'
import { temporaryName } from '../../fs/temporary-name.js'
import { environmentLayout } from '../../model/layout.js'
import { sessionName, type WorkspaceKey } from '../../model/workspace-key.js'
import type { Services } from '../services.js'
import { withEnvironment } from '../session-lock.js'

/** `<task>[@<run>].<UTC time>-<random>`: a file name, and a part of a ref's name. */
export function newArchiveId(key: WorkspaceKey, now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
  return `${sessionName(key)}.${time}-${randomBytes(2).toString('hex')}`
}

export function archiveFile(services: Services, envId: string, archiveId: string): string {
  return join(environmentLayout(services.settings.root, envId).archivesDir, `${archiveId}.json`)
}

/** Says which archive is being made, by a file whose name says by whom. */
export interface ArchiveClaim {
  readonly archiveId: string
}

/**
 * Announces an archive before anything of it is made, so that what a killed process leaves can be found, and so that
 * nobody takes objects away that it may be counting on.
 *
 * @returns the announcement's file.
 */
export function claimArchive(
  services: Services,
  envId: string,
  archiveId: string,
  signal?: AbortSignal,
): Promise<string> {
  const { directory, archivesDir } = environmentLayout(services.settings.root, envId)
  return withEnvironment(services, envId, signal, async () => {
    await ensureDirectoryInside(directory, archivesDir)
    const file = join(archivesDir, temporaryName('archive'))
    const claim: ArchiveClaim = { archiveId }
    await writeJsonAtomic(file, claim)
    return file
  })
}

/** What a new file is not given: the umask, found out by making a file, since asking for it would set it. */
export async function readUmask(folder: string): Promise<number> {
  const file = join(folder, temporaryName('mode'))
  const handle = await open(file, 'wx', 0o777)
  try {
    return 0o777 & ~(await handle.stat()).mode
  } finally {
    await handle.close()
    await rm(file, { force: true })
  }
}
