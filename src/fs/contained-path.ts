import { lstatSync, type Stats } from 'node:fs'
import { lstat, mkdir, rmdir } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { InputError, IntegrityError } from '../errors/workspace-error.js'

/**
 * The absolute path of something below a root; pure.
 *
 * @throws InputError PATH_OUTSIDE_ROOT for a path that is empty, absolute on any platform, has a `..`
 * part or a control character, or names the root itself.
 */
export function resolveInside(root: string, relativePath: string): string {
  const path = resolve(root, relativePath)
  if (isUnsafe(relativePath) || path === resolve(root)) throw outside(root, relativePath)
  return path
}

function isUnsafe(path: string): boolean {
  // Backslashes and drive letters count on every platform: the same request must mean the same everywhere.
  if (path === '' || isAbsolute(path) || path.startsWith('\\') || /^[A-Za-z]:/.test(path)) return true
  return /\p{Cc}/u.test(path) || path.split(/[/\\]/).includes('..')
}

function outside(root: string, path: string): InputError {
  return new InputError('PATH_OUTSIDE_ROOT', `path leaves its folder: ${JSON.stringify(path)}`, {
    data: { root, path },
  })
}

/**
 * Creates a directory below a root, one missing component at a time, and looks at each without following
 * links. The root itself must exist and is trusted.
 *
 * @returns the directories that this call created, outermost first, so that they can be undone.
 * @throws IntegrityError TAMPERED when a component is a link or no directory. What was created stays.
 */
export async function ensureDirectoryInside(
  root: string,
  directory: string,
  mode = 0o700,
): Promise<string[]> {
  const created: string[] = []
  for (const path of componentsInside(root, directory)) {
    if (await makeDirectory(path, mode)) created.push(path)
  }
  return created
}

async function makeDirectory(path: string, mode: number): Promise<boolean> {
  const found = statsNow(path)
  if (found) return assertDirectory(path, found)
  try {
    await mkdir(path, { mode })
    return true
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
    return assertDirectory(path, await lstat(path))
  }
}

function assertDirectory(path: string, found: Stats): false {
  if (!found.isDirectory()) throw tampered(path, found.isSymbolicLink() ? 'a link' : 'not a directory')
  return false
}

/**
 * Checks that nothing on the way from a root to a path below it, the path included, is a link.
 * Components that do not exist are no links.
 *
 * @throws IntegrityError TAMPERED naming the first link, or a file that stands where a directory must be.
 */
export async function assertNoLinkInside(root: string, path: string): Promise<void> {
  for (const component of componentsInside(root, path)) {
    const found = statsNow(component)
    if (found === undefined) return
    if (found.isSymbolicLink()) throw tampered(component, 'a link')
  }
}

/**
 * Checks that none of some paths is a link; the ways to them are not looked at, and what does not exist is no link.
 *
 * @throws IntegrityError TAMPERED naming the first that is one.
 */
export async function assertNoLinks(paths: readonly string[]): Promise<void> {
  assertNoLinksNow(paths)
}

/** The same at once, for what cannot wait. */
export function assertNoLinksNow(paths: readonly string[]): void {
  const first = paths.find(isLink)
  if (first !== undefined) throw tampered(first, 'a link')
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR')) return false
    throw error
  }
}

/** Removes a directory if it is there and empty, and nothing is mounted on it; resolves to whether it did. */
export async function removeIfEmpty(directory: string): Promise<boolean> {
  try {
    await rmdir(directory)
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EBUSY')) return false
    throw error
  }
}

/**
 * The paths from a root, which is not among them, to a path below it; pure.
 *
 * @throws InputError PATH_OUTSIDE_ROOT
 */
export function componentsInside(root: string, path: string): string[] {
  const way = relative(resolve(root), resolve(root, path))
  if (way === '') return []
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) throw outside(root, path)
  const names = way.split(sep)
  return names.map((_, index) => join(resolve(root), ...names.slice(0, index + 1)))
}

/** Not asynchronous: a look-up takes microseconds, a turn through the thread pool ten times that. */
function statsNow(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR')) throw tampered(path, 'below a file')
    throw error
  }
}

export function tampered(path: string, what: string): IntegrityError {
  return new IntegrityError('TAMPERED', `expected a directory, found ${what}: ${path}`, { data: { path } })
}
