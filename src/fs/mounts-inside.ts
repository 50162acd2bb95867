import { readFile } from 'node:fs/promises'
import { sep } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { canonicalPath } from './canonical-path.js'

/**
 * The places at a path or below it where something is mounted. What is mounted there is not the tree's own, even where
 * it is on the same device. Only Linux tells; elsewhere there are none.
 */
export async function mountsInside(path: string): Promise<string[]> {
  const own = canonicalPath(path)
  const table = (await mountTable()) ?? ''
  const places = table.split('\n').flatMap((line) => line.split(' ')[4] ?? [])
  return places.map(unescaped).filter((place) => place === own || place.startsWith(`${own}${sep}`))
}

async function mountTable(): Promise<string | undefined> {
  try {
    return await readFile('/proc/self/mountinfo', 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) return undefined
    throw error
  }
}

/** The kernel writes blanks and the like as three octal digits: proc_pid_mountinfo(5). */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}
