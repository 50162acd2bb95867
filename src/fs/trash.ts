import { randomUUID } from 'node:crypto'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import fse from 'fs-extra'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { InputError, IntegrityError } from '../errors/workspace-error.js'
import { isPresent, namesIn } from './presence.js'
import { makeTreeWritable, makeWritable, removeRecursively } from './remove-tree.js'

export interface DeleteOptions {
  readonly signal?: AbortSignal
}

/**
 * Moves something out of sight in at most a millisecond, to be deleted later.
 *
 * The trash directory is created (mode 0700) when it is missing. Where it is on another file system the
 * new name is `.trash-…` beside the old one. A link is moved itself, not followed.
 *
 * @returns the new path, or undefined when there was nothing.
 */
export async function moveToTrash(path: string, trashDirectory: string): Promise<string | undefined> {
  const name = `${basename(path)}.${randomUUID().slice(0, 8)}`
  if (!(await isPresent(path))) return undefined
  await fse.ensureDir(trashDirectory, { mode: 0o700 })
  try {
    return await moveAside(path, join(trashDirectory, name))
  } catch (error) {
    if (!isSystemError(error, 'EXDEV')) throw error
    return moveAside(path, join(dirname(path), `.trash-${name}`))
  }
}

/** What moves to the trash have left beside a path, because the trash is on another file system. */
export async function trashBeside(path: string): Promise<string[]> {
  const names = await namesIn(dirname(path))
  const own = `.trash-${basename(path)}.`
  const isOwn = (name: string) => name.startsWith(own) && /^[0-9a-f]{8}$/.test(name.slice(own.length))
  return names.filter(isOwn).map((name) => join(dirname(path), name))
}

async function moveAside(from: string, to: string): Promise<string | undefined> {
  try {
    await fse.rename(from, to)
    return to
  } catch (error) {
    if (isSystemError(error, 'ENOENT') && !(await isPresent(from))) return undefined
    if (!isSystemError(error, 'EACCES', 'EPERM')) throw error
    // A read-only directory cannot be moved to another parent: its own '..' entry changes.
    await makeWritable(from)
    await fse.rename(from, to)
    return to
  }
}

/**
 * Deletes a file or a whole tree in a child process; links are deleted, never followed. Idempotent.
 *
 * An aborted deletion stops midway and can be repeated.
 *
 * @throws InputError PATH_OUTSIDE_ROOT for a relative path or the root of a file system.
 * @throws IntegrityError ROLLBACK_INCOMPLETE when something is still there afterwards.
 */
export async function deleteTree(path: string, options: DeleteOptions = {}): Promise<void> {
  assertDeletable(path)
  const target = resolve(path)
  throwIfStopped(options.signal)
  const failure = await removeRecursively(target, options.signal)
  if (!(await isPresent(target))) return
  await makeTreeWritable(target)
  const secondFailure = await removeRecursively(target, options.signal)
  if (await isPresent(target)) throw incomplete(target, secondFailure ?? failure)
}

function assertDeletable(path: string): void {
  if (isAbsolute(path) && !path.includes('\0') && dirname(resolve(path)) !== resolve(path)) return
  throw new InputError('PATH_OUTSIDE_ROOT', `refused to delete ${JSON.stringify(path)}`, {
    data: { path },
    hint: 'Give an absolute path below the root of the file system.',
  })
}

function incomplete(path: string, cause: unknown): IntegrityError {
  return new IntegrityError('ROLLBACK_INCOMPLETE', `could not be deleted completely: ${path}`, {
    data: { path, remaining: [path] },
    cause,
  })
}
