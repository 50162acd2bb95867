import { randomBytes } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { inspect } from 'node:util'
import { isWorkspaceError } from 'git-task-isolation'

/** A token unlike any other, and every form in which it could be seen. */
export interface Canary {
  readonly token: string
  isIn(text: string): boolean
}

export function newCanary(): Canary {
  const core = `canary${randomBytes(8).toString('hex')}`
  // With characters that have to be encoded in a URL, and ends that change in base64.
  const token = `${core}/T+0=`
  const encodings = ['', 'x', 'xx'].map((before) => base64Core(`${before}${token}`))
  return { token, isIn: (text) => [core, ...encodings].some((form) => text.includes(form)) }
}

/** What stays the same of a text in base64 wherever it begins. */
function base64Core(text: string): string {
  return Buffer.from(text).toString('base64').slice(4, -8)
}

/** All that an error says, to whomever: its fields, its stack, and those of its causes. */
export function allThatIsSaid(error: unknown): string {
  const depths = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null })
  const causes: string[] = []
  for (let next = error; next instanceof Error; next = next.cause)
    causes.push(String(next), next.stack ?? '', JSON.stringify(next), isWorkspaceError(next) ? next.hint : '')
  return [depths, ...causes].join('\n')
}

/** The paths below a folder whose name, link target or content shows the canary. */
export async function filesShowing(canary: Canary, directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true })
  // What is being deleted meanwhile shows nothing any more.
  const shows = await Promise.all(names.map((name) => isShown(canary, join(directory, name))))
  return names.filter((name, index) => shows[index] || canary.isIn(name)).map((name) => relative('.', name))
}

async function isShown(canary: Canary, path: string): Promise<boolean> {
  try {
    const stats = await lstat(path)
    if (stats.isSymbolicLink()) return canary.isIn(await readlink(path))
    return stats.isFile() && canary.isIn(await readFile(path, 'latin1'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
