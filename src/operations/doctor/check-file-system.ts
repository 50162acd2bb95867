import { deviceOf, fileSystemTraits, freeSpace } from '../../fs/file-system-facts.js'
import { environmentLayout, managedReposDir } from '../../model/layout.js'
import type { Services } from '../services.js'
import { type Diagnosis, problem } from './finding.js'

/** Whether everything is on one file system, and what that does with names and copies. */
export async function checkFileSystem(services: Services, envIds: readonly string[]): Promise<Diagnosis[]> {
  const { root } = services.settings
  const apart = await Promise.all(envIds.map((envId) => partsElsewhere(root, envId)))
  return [...apart.flat(), ...(await whatItDoes(managedReposDir(root)))]
}

/** What is on another file system is copied where it would be renamed or linked: slower, and no less safe. */
async function partsElsewhere(root: string, envId: string): Promise<Diagnosis[]> {
  const { managerDir, trashDir, mirrorDir, archivesRepository, tasksDir } = environmentLayout(root, envId)
  const own = await deviceOf(managerDir)
  const parts = [trashDir, mirrorDir, archivesRepository, tasksDir]
  const devices = await Promise.all(parts.map(deviceOf))
  return parts
    .filter((_, index) => devices[index] !== own)
    .map((path) => ({
      check: 'file-system',
      level: 'note',
      path,
      key: { envId },
      message: `${path} is on another file system than ${managerDir}: what is renamed or linked elsewhere is copied`,
    }))
}

async function whatItDoes(directory: string): Promise<Diagnosis[]> {
  const traits = await fileSystemTraits(directory)
  if (traits === undefined) return []
  const names =
    traits.names === 'case counts'
      ? 'names that differ only in case are different files'
      : 'names that differ only in case are the same file, in checkouts too'
  const copies = traits.copies === 'shared' ? 'copies share their blocks' : 'copies take their full size'
  return [{ check: 'file-system', level: 'ok', path: directory, message: `${names}; ${copies}` }]
}

/** Less than either is little: a checkout may need as much at once. */
const LITTLE = { bytes: 1_000_000_000, percent: 2, files: 10_000 } as const

/** Whether there is room for more workspaces. */
export async function checkFreeSpace({ settings: { root } }: Services): Promise<Diagnosis[]> {
  const { freeBytes, freePercent, freeFiles } = await freeSpace(managedReposDir(root))
  const base = { check: 'free-space', path: root } as const
  const room = `${(freeBytes / 1e9).toFixed(1)} GB free (${Math.floor(freePercent)} %)`
  if (freeFiles !== undefined && freeFiles < LITTLE.files)
    return [problem(base, `the file system takes only ${freeFiles} more files`, 'free-space')]
  if (freeBytes < LITTLE.bytes || freePercent < LITTLE.percent)
    return [problem(base, `little room is left on the file system: ${room}`, 'free-space')]
  return [{ ...base, level: 'ok', message: room }]
}
