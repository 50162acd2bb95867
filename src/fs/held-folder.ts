import { constants, existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import fse from 'fs-extra'
import { isSystemError } from '../errors/system-error.js'
import { componentsInside, ensureDirectoryInside, tampered } from './contained-path.js'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants

/** Here Linux has every open file of a process under a name that leads to it and to nothing else (proc_pid_fd(5)). */
const OPEN_FILES = '/proc/self/fd'

/**
 * Runs an action in a folder below a root, which is made with those above it (mode 0700) where they are missing. The
 * action is given a name of the folder that stays its own, so that nothing is led elsewhere by what somebody puts in
 * the place of it or of a folder above it meanwhile. Where the system has no such names it is the path, which was
 * checked a moment ago. The root must exist and is trusted.
 *
 * @throws IntegrityError TAMPERED when a link or no directory is on the way.
 */
export async function inHeldFolder<T>(
  root: string,
  directory: string,
  action: (folder: string) => Promise<T>,
): Promise<T> {
  if (!existsSync(OPEN_FILES)) {
    await ensureDirectoryInside(root, directory)
    return action(directory)
  }
  const file = await hold(root, directory)
  const name = `${OPEN_FILES}/${file}`
  try {
    return await action(name)
  } catch (error) {
    throw byPath(error, name, directory)
  } finally {
    await fse.close(file)
  }
}

/** Goes from folder to folder, each found in the one before it and not by its path. */
async function hold(root: string, directory: string): Promise<number> {
  let file = await fse.open(root, O_RDONLY | O_DIRECTORY)
  for (const path of componentsInside(root, directory)) {
    const parent = file
    try {
      file = await openMade(`${OPEN_FILES}/${parent}/${basename(path)}`, path)
    } catch (error) {
      throw byPath(error, `${OPEN_FILES}/${parent}`, dirname(path))
    } finally {
      await fse.close(parent)
    }
  }
  return file
}

async function openMade(name: string, path: string): Promise<number> {
  return (await openFolder(name, path)) ?? (await made(name)) ?? (await opened(name, path))
}

async function made(name: string): Promise<undefined> {
  try {
    await fse.mkdir(name, { mode: 0o700 })
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
  }
}

async function openFolder(name: string, path: string): Promise<number | undefined> {
  try {
    return await opened(name, path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

async function opened(name: string, path: string): Promise<number> {
  try {
    return await fse.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  } catch (error) {
    if (isSystemError(error, 'ELOOP', 'ENOTDIR')) throw tampered(path, 'a link or a file')
    throw error
  }
}

/** Whoever reads of a failure knows the folder by its path alone. */
function byPath(error: unknown, name: string, path: string): unknown {
  if (!(error instanceof Error)) return error
  const renamed = (text: string) => text.replaceAll(name, path)
  error.message = renamed(error.message)
  for (const field of ['path', 'dest'] as const) {
    const value: unknown = Reflect.get(error, field)
    if (typeof value === 'string') Reflect.set(error, field, renamed(value))
  }
  return error
}
