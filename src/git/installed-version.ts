import { type BigIntStats, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import type { GitVersion } from './version.js'

/** By the program file that said it, for every manager of this process. */
const asked = new Map<string, Promise<GitVersion>>()

/**
 * The version of the git on a PATH, asked for once in a process: again only where its file is another one by now. A
 * failure is not remembered, since git may be installed, or memory freed, in the meantime.
 */
export async function installedVersion(
  path: string | undefined,
  ask: () => Promise<GitVersion>,
): Promise<GitVersion> {
  const program = programStamp(path)
  if (program === undefined) return ask()
  const answer = asked.get(program) ?? ask()
  asked.set(program, answer)
  try {
    return await answer
  } catch (error) {
    asked.delete(program)
    throw error
  }
}

/** Undefined where none is found: to start it then says why. */
function programStamp(path = ''): string | undefined {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, 'git')
    const stats = statsOf(file)
    if (stats?.isFile())
      return [file, stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':')
  }
  return undefined
}

function statsOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return undefined
    throw error
  }
}
