import type { OpenArchive } from './restore-archive.js'
import { placeSpecial } from './restore-files.js'
import { RestoreFolder } from './restore-names.js'

export interface BesideRequest {
  readonly staging: string
  /** The task's folder. */
  readonly rootDir: string
}

/** Puts back what the agent had left beside its checkout; what is there already stays as it is. */
export async function restoreBeside(
  archive: OpenArchive,
  { staging, rootDir }: BesideRequest,
): Promise<void> {
  const folder = new RestoreFolder(rootDir)
  await placeSpecial(archive, {
    staging,
    place: 'beside',
    directory: rootDir,
    rename: async (name) => ((await folder.has(name)) ? undefined : name),
  })
  await folder.restoreFolders(archive.manifest.besideFolders)
}
