import { accessSync, constants } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { allOrFirstFailure } from '../errors/first-failure.js'
import { isSystemError } from '../errors/system-error.js'
import { hasErrorCode, InputError } from '../errors/workspace-error.js'
import { writeFileAtomic } from '../fs/atomic-write.js'
import { ensureDirectoryInside, removeIfEmpty } from '../fs/contained-path.js'
import { makeRoot } from '../fs/make-root.js'
import { isPresent, kindsOf, namesIn } from '../fs/presence.js'
import { SharedLook } from '../fs/shared-look.js'
import { asStorageFailure } from '../fs/storage-failure.js'
import { type EnvironmentLayout, environmentLayout, managedReposDir, ownersDir } from '../model/layout.js'
import type { Services } from './services.js'
import { withEnvironment } from './session-lock.js'

const IGNORE_EVERYTHING = '*\n'

/**
 * Makes the folders of an environment where they are missing, and sees that all can be written to. An old shared
 * checkout that stands in the same place goes on as it was: ignore files inside our own folders keep them out of
 * its status.
 *
 * @throws InputError OPTIONS_INVALID naming what cannot be written to; IntegrityError DISK_FULL.
 */
export function ensureEnvironment(services: Services, envId: string): Promise<void> {
  const { root } = services.settings
  const layout = environmentLayout(root, envId)
  return looks.at(layout.directory, async () => {
    try {
      await makeRoot(root)
      await refuseTwin(root, envId)
      await makeFolders(root, layout)
    } catch (error) {
      throw asStorageFailure(error, root)
    }
  })
}

const looks = new SharedLook<void>()

/**
 * The same for whoever holds the environment's lock and has made it before: only one that has no source yet may have
 * been taken away again meanwhile, by the first prepare of another task that failed.
 */
export async function keepEnvironment(services: Services, envId: string): Promise<void> {
  const { environmentFile } = environmentLayout(services.settings.root, envId)
  if (!(await isPresent(environmentFile))) await ensureEnvironment(services, envId)
}

async function makeFolders(root: string, layout: EnvironmentLayout): Promise<void> {
  if ((await stateOf(layout)) === 'incomplete') await makeMissing(root, layout)
  const { managerDir, tasksDir } = layout
  for (const folder of [ownersDir(root), managerDir, tasksDir, ...partsOf(layout)]) assertWritable(folder)
}

/** Mostly all is there: one look at everything at once costs less than going through it. */
async function stateOf(layout: EnvironmentLayout): Promise<'complete' | 'incomplete'> {
  const { directory, managerDir, tasksDir } = layout
  const folders = [dirname(directory), directory, managerDir, tasksDir, ...partsOf(layout)]
  const [ignore, ...kinds] = await kindsOf([ignoreFileOf(layout), ...folders])
  return ignore !== 'absent' && kinds.every((kind) => kind === 'directory') ? 'complete' : 'incomplete'
}

function partsOf({ sessionsDir, locksDir, indexesDir, scratchDir }: EnvironmentLayout): string[] {
  return [sessionsDir, locksDir, indexesDir, scratchDir]
}

function ignoreFileOf({ managerDir }: EnvironmentLayout): string {
  return join(managerDir, '.gitignore')
}

async function makeMissing(root: string, layout: EnvironmentLayout): Promise<void> {
  await ensureDirectoryInside(root, layout.directory, 0o755)
  await ensureDirectoryInside(layout.directory, layout.managerDir)
  await allOrFirstFailure<unknown>([
    ...partsOf(layout).map((folder) => ensureDirectoryInside(layout.managerDir, folder)),
    ensureDirectoryInside(layout.directory, layout.tasksDir, 0o755),
    writeOnce(ignoreFileOf(layout)),
  ])
}

/** Asked before anything is made, since a lock or a git that fails for it says less. At once, as `kindsOf` does. */
function assertWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    // What is not there will be made by whoever needs it: a failing first prepare may take folders away again.
    if (!isSystemError(error, 'ENOENT')) throw error
  }
}

/** Whether the environment has ever been used by this package. */
export function environmentExists(services: Services, envId: string): Promise<boolean> {
  return isPresent(environmentLayout(services.settings.root, envId).managerDir)
}

/**
 * Looks what is missing before an environment is made, and answers with the undo: it removes exactly those
 * folders again, unless the environment was bound to a source or somebody has a session in it by then.
 */
export async function environmentUndo(services: Services, envId: string): Promise<() => Promise<void>> {
  if (await environmentExists(services, envId)) return () => Promise.resolve()
  const layout = environmentLayout(services.settings.root, envId)
  const missing = await missingAbove(layout.directory)
  return async () => {
    try {
      // Claims happen under this lock and make the folders again, so that nobody's are taken away.
      if (await isPresent(layout.locksDir))
        await withEnvironment(services, envId, undefined, () => emptyUnused(layout))
      for (const folder of [layout.locksDir, layout.managerDir, ...missing]) await removeIfEmpty(folder)
    } catch (error) {
      // Where not even a lock can be written, empty folders stay: why the prepare failed is worth more.
      const isRefused = isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE')
      if (!isRefused && !hasErrorCode(error, 'DISK_FULL')) throw error
    }
  }
}

/** The folder and those above it that do not exist, innermost first. */
async function missingAbove(directory: string): Promise<string[]> {
  if (await isPresent(directory)) return []
  return [directory, ...(await missingAbove(dirname(directory)))]
}

async function emptyUnused(layout: EnvironmentLayout): Promise<void> {
  const isUsed = (await isPresent(layout.environmentFile)) || (await namesIn(layout.sessionsDir)).length > 0
  if (isUsed) return
  for (const folder of [layout.sessionsDir, layout.indexesDir, layout.scratchDir, layout.trashDir])
    await removeIfEmpty(folder)
  await removeIfEmpty(layout.tasksDir)
  // Of an environment that never came to be there is nothing to keep a log of.
  const rest = await namesIn(layout.managerDir)
  if (!rest.every((name) => ['.gitignore', 'audit.jsonl', 'locks'].includes(name))) return
  for (const file of [layout.auditFile, ignoreFileOf(layout)]) await rm(file, { force: true })
}

async function refuseTwin(root: string, envId: string): Promise<void> {
  const names = await namesIn(managedReposDir(root))
  const twin = names.find((name) => name !== envId && name.toLowerCase() === envId.toLowerCase())
  if (twin === undefined) return
  throw new InputError('ID_INVALID', `the environment "${twin}" differs from "${envId}" only in case`, {
    data: { field: 'envId', value: envId, existing: twin },
  })
}

/**
 * Keeps a task's folder out of the status of an old shared checkout that stands in the environment's place, which
 * may have a folder `tasks` of its own.
 */
export async function hideFromOldCheckout(services: Services, envId: string, rootDir: string): Promise<void> {
  const { directory } = environmentLayout(services.settings.root, envId)
  if (await isPresent(join(directory, '.git'))) await writeOnce(join(rootDir, '.gitignore'))
}

async function writeOnce(file: string): Promise<void> {
  if (!(await isPresent(file))) await writeFileAtomic(file, IGNORE_EVERYTHING)
}
