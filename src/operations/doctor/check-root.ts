import { chmod, lstat, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSystemError } from '../../errors/system-error.js'
import { isPresent } from '../../fs/presence.js'
import { environmentLayout, managedReposDir } from '../../model/layout.js'
import type { Services } from '../services.js'
import { type Diagnosis, problem } from './finding.js'
import { refusedAt, whetherWritable } from './whether-writable.js'

/** Whether the root is there, or can be: one that is not is made by the first prepare. */
export async function checkRoot({ settings: { root } }: Services): Promise<Diagnosis[]> {
  const place = managedReposDir(root)
  const nearest = await nearestPresent(place)
  if (!(await stat(nearest)).isDirectory())
    return [problem({ check: 'root', path: nearest }, `what stands there is no folder: ${nearest}`, 'move')]
  // Whoever may not look through a folder cannot use it, whatever access(2) says of the real user.
  const refused =
    (await lookAt(place)) === 'hidden' ? [await refusedAt(nearest, 'EACCES')] : await whetherWritable(nearest)
  // What belongs to somebody else stays theirs: the root is to be made below it.
  if (refused.length > 0)
    return refused.map((each) =>
      each.remedy === 'own' && nearest !== place ? { ...each, path: place } : each,
    )
  if (nearest === place) return [{ check: 'root', level: 'ok', path: root, message: `the root is ${root}` }]
  const message = `nothing has been prepared below ${root} yet`
  return [{ check: 'root', level: 'note', path: root, message }]
}

/** What nobody may look at is told by the folder that hides it. */
async function nearestPresent(path: string): Promise<string> {
  if (dirname(path) === path || (await lookAt(path)) === 'present') return path
  return nearestPresent(dirname(path))
}

async function lookAt(path: string): Promise<'present' | 'absent' | 'hidden'> {
  try {
    return (await isPresent(path)) ? 'present' : 'absent'
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM')) throw error
    return 'hidden'
  }
}

/** Whether this user may write where the manager does, and nobody else may read there. */
export async function checkPermissions(services: Services, envIds: readonly string[]): Promise<Diagnosis[]> {
  const { root } = services.settings
  const layouts = envIds.map((envId) => ({ envId, ...environmentLayout(root, envId) }))
  const writable = layouts.flatMap((layout) => [
    layout.directory,
    layout.managerDir,
    layout.sessionsDir,
    layout.locksDir,
    layout.tasksDir,
  ])
  const found = [
    ...(await Promise.all(writable.map(whetherWritable))),
    ...(await Promise.all(layouts.map(({ envId, managerDir }) => whetherPrivate(envId, managerDir)))),
  ].flat()
  // One folder that is closed stands in the way of all that are in it.
  if (found.length > 0)
    return [...new Map(found.map((each) => [`${each.remedy} ${each.path}`, each])).values()]
  return [
    { check: 'permissions', level: 'ok', message: 'all folders can be written, and only by their user' },
  ]
}

/** Records, logs and archives may hold what not every user of the machine is to read. */
async function whetherPrivate(envId: string, path: string): Promise<Diagnosis[]> {
  const mode = await modeOf(path)
  if (mode === undefined || (mode & 0o077) === 0) return []
  return [
    {
      check: 'permissions',
      level: 'problem',
      path,
      key: { envId },
      message: `other users may look into ${path} (mode ${mode.toString(8)})`,
      remedy: 'fix',
      repair: () => chmod(path, 0o700),
    },
  ]
}

/** Undefined for what is no folder of ours, which a repair must not follow. */
async function modeOf(path: string): Promise<number | undefined> {
  try {
    const found = await lstat(path)
    return found.isDirectory() ? found.mode & 0o777 : undefined
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error
    return undefined
  }
}
