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
  const { besideFolders } = archive.manifest
  for (const [name] of besideFolders) await folder.make(name.slice(0, -1))
  const innermostFirst = [...besideFolders].sort(([one], [other]) => other.length - one.length)
  for (const [name, mode] of innermostFirst) await folder.permit(name.slice(0, -1), mode)
}
