import { readdir, readlink } from 'node:fs/promises'
import { sep } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { canonicalPath } from './canonical-path.js'

/** How many processes are asked at once. */
const AT_ONCE = 64

/**
 * The ids of the processes that have a folder of this tree as their working directory, as far as this user may know.
 * Only Linux tells cheaply; elsewhere there are none.
 */
export async function processesInside(path: string): Promise<number[]> {
  const pids = await allProcesses()
  const own = canonicalPath(path)
  const inside: number[] = []
  for (let first = 0; first < pids.length; first += AT_ONCE) {
    const some = pids.slice(first, first + AT_ONCE)
    const places = await Promise.all(some.map(workingDirectory))
    inside.push(...some.filter((_, index) => isInside(places[index], own)))
  }
  return inside
}

async function allProcesses(): Promise<number[]> {
  if (process.platform !== 'linux') return []
  try {
    return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EPERM')) return []
    throw error
  }
}

/** Undefined for a process that has ended, is a kernel's, or is another user's. */
async function workingDirectory(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined
    throw error
  }
}

function isInside(place: string | undefined, folder: string): boolean {
  return place !== undefined && (place === folder || place.startsWith(`${folder}${sep}`))
}
