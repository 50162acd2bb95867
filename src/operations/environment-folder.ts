import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InputError } from '../errors/workspace-error.js'
import { writeFileAtomic } from '../fs/atomic-write.js'
import { ensureDirectoryInside, removeIfEmpty } from '../fs/contained-path.js'
import { makeRoot } from '../fs/make-root.js'
import { isPresent, namesIn } from '../fs/presence.js'
import { type EnvironmentLayout, environmentLayout, MANAGED_REPOS } from '../model/layout.js'
import type { Services } from './services.js'
import { withEnvironment } from './session-lock.js'

const IGNORE_EVERYTHING = '*\n'

/**
 * Makes the folders of an environment where they are missing. An old shared checkout that stands in the same
 * place goes on as it was: ignore files inside our own folders keep them out of its status.
 */
export async function ensureEnvironment(services: Services, envId: string): Promise<void> {
  const { root } = services.settings
  const layout = environmentLayout(root, envId)
  await makeRoot(root)
  await refuseTwin(root, envId)
  await ensureDirectoryInside(root, layout.directory, 0o755)
  const folders = [layout.sessionsDir, layout.locksDir, layout.indexesDir, layout.scratchDir]
  for (const folder of folders) await ensureDirectoryInside(layout.directory, folder)
  await ensureDirectoryInside(layout.directory, layout.tasksDir, 0o755)
  await writeOnce(join(layout.managerDir, '.gitignore'))
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
    // Claims happen under this lock and make the folders again, so that nobody's are taken away.
    if (await isPresent(layout.locksDir))
      await withEnvironment(services, envId, undefined, () => emptyUnused(layout))
    for (const folder of [layout.locksDir, layout.managerDir, ...missing]) await removeIfEmpty(folder)
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
  for (const file of [layout.auditFile, join(layout.managerDir, '.gitignore')])
    await rm(file, { force: true })
}

async function refuseTwin(root: string, envId: string): Promise<void> {
  const names = await namesIn(join(root, MANAGED_REPOS))
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
