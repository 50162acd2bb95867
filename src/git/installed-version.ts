import { type BigIntStats, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { systemErrorCode } from '../errors/system-error.js'
import { withoutHolding } from '../fs/lock-context.js'
import type { GitVersion } from './version.js'

const ANY_EXECUTE = 0o111n

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
  const answer = asked.get(program) ?? withoutHolding(ask)
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
    if (stats?.isFile() && (stats.mode & ANY_EXECUTE) !== 0n)
      return [file, stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':')
  }
  return undefined
}

function statsOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return undefined
  }
}
