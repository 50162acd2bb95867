import { randomUUID } from 'node:crypto'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import fse from 'fs-extra'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { InputError, IntegrityError } from '../errors/workspace-error.js'
import { makeDirectories } from './make-directories.js'
import { mountsInside } from './mounts-inside.js'
import { isPresent, namesIn } from './presence.js'
import { makeTreeWritable, makeWritable, type RemoveOptions, removeRecursively } from './remove-tree.js'

export interface DeleteOptions extends RemoveOptions {
  /** Asked before a second try; false ends with the first. */
  readonly mayTryAgain?: (() => boolean) | undefined
}

/** How often the trash folder is made again, where whoever has emptied it takes it away. */
const MAKE_ATTEMPTS = 10

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
  try {
    return await moveInto(path, trashDirectory, name)
  } catch (error) {
    if (!isSystemError(error, 'EXDEV')) throw error
    return moveAside(path, join(dirname(path), `.trash-${name}`))
  }
}

/** Whether something in the trash has a name that a move there gives. */
export function isTrashName(name: string): boolean {
  return /.\.[0-9a-f]{8}$/.test(name)
}

async function moveInto(path: string, trashDirectory: string, name: string): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    await makeDirectories(trashDirectory, { mode: 0o700 })
    try {
      return await moveAside(path, join(trashDirectory, name))
    } catch (error) {
      if (attempt === MAKE_ATTEMPTS || !isSystemError(error, 'ENOENT')) throw error
    }
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
 * Deletes a file or a whole tree in a child process; links are deleted, never followed, and nothing is deleted that is
 * mounted inside. Idempotent.
 *
 * An aborted deletion stops midway and can be repeated.
 *
 * @throws InputError PATH_OUTSIDE_ROOT for a relative path or the root of a file system.
 * @throws IntegrityError ROLLBACK_INCOMPLETE when something is still there afterwards; with what is mounted, if
 * that is why.
 */
export async function deleteTree(path: string, options: DeleteOptions = {}): Promise<void> {
  assertDeletable(path)
  const target = resolve(path)
  throwIfStopped(options.signal)
  if (!(await isPresent(target))) return
  await refuseMounts(target)
  const failure = await removeRecursively(target, options)
  if (!(await isPresent(target))) return
  if (options.mayTryAgain?.() === false) throw incomplete(target, { cause: failure })
  await makeTreeWritable(target)
  const secondFailure = await removeRecursively(target, options)
  if (await isPresent(target)) throw incomplete(target, { cause: secondFailure ?? failure })
}

function assertDeletable(path: string): void {
  if (isAbsolute(path) && !path.includes('\0') && dirname(resolve(path)) !== resolve(path)) return
  throw new InputError('PATH_OUTSIDE_ROOT', `refused to delete ${JSON.stringify(path)}`, {
    data: { path },
    hint: 'Give an absolute path below the root of the file system.',
  })
}

/** A folder that is bound into a tree looks like one of its own to every program that deletes. */
async function refuseMounts(path: string): Promise<void> {
  const mounted = await mountsInside(path)
  if (mounted.length > 0) throw incomplete(path, { mounted })
}

function incomplete(
  path: string,
  { mounted, cause }: { mounted?: readonly string[]; cause?: unknown },
): IntegrityError {
  const why = mounted === undefined ? '' : `, since something is mounted at ${mounted.join(', ')}`
  return new IntegrityError('ROLLBACK_INCOMPLETE', `could not be deleted completely: ${path}${why}`, {
    data: { path, remaining: [path], ...(mounted && { mounted }) },
    cause,
  })
}
