import { currentProcess, type ProcessIdentity } from '../fs/process-identity.js'
import { parseJson } from '../model/json-text.js'

/** The variable that names the process which started a git; git hands it on to its own helpers. */
export const STARTED_BY = 'GIT_TASK_STARTED_BY'

let own: Readonly<Record<string, string>> | undefined

/**
 * What marks a git process as started by this process: `["host","boot id",pid,"process start"]`.
 *
 * It is set anew for every git, so that one which this process may have inherited goes no further.
 */
export function startedByUs(): Readonly<Record<string, string>> {
  own ??= Object.freeze({ [STARTED_BY]: formatStarter(currentProcess()) })
  return own
}

function formatStarter({ host, bootId, pid, processStart }: ProcessIdentity): string {
  return JSON.stringify([host, bootId, pid, processStart])
}

/** Who started the process with this environment (as in `/proc/<pid>/environ`); undefined for anything but our git. */
export function starterIn(environment: string): ProcessIdentity | undefined {
  // Nearly every process of a machine is none of ours.
  if (!environment.includes(STARTED_BY)) return undefined
  const variable = environment.split('\0').find((entry) => entry.startsWith(`${STARTED_BY}=`))
  return variable === undefined ? undefined : parseStarter(variable.slice(STARTED_BY.length + 1))
}

function parseStarter(text: string): ProcessIdentity | undefined {
  const fields = parseJson(text)
  if (!Array.isArray(fields)) return undefined
  const [host, bootId, pid, processStart]: unknown[] = fields
  if (typeof host !== 'string' || typeof bootId !== 'string' || typeof processStart !== 'string')
    return undefined
  return Number.isSafeInteger(pid) ? { host, bootId, pid: Number(pid), processStart } : undefined
}
