import { isAbsolute, relative, sep } from 'node:path'
import { ContentionError } from '../errors/workspace-error.js'
import type { SessionRecord } from '../model/session-record.js'
import { describeKey, sessionName, type WorkspaceKey } from '../model/workspace-key.js'

/** Refuses a key whose folder another session has on file systems that ignore case. */
export function refuseSameFolder(key: WorkspaceKey, others: readonly SessionRecord[]): void {
  const name = sessionName(key).toLowerCase()
  const holder = others.find((other) => sessionName(other).toLowerCase() === name)
  if (holder === undefined) return
  throw sessionTaken(
    key,
    `the session ${describeKey(holder)} differs from it only in case`,
    describeKey(holder),
  )
}

/**
 * Refuses a folder of the caller that another session works in, one inside of it and one around it: two agents in one
 * folder are not isolated.
 */
export function refuseSharedFolder(
  key: WorkspaceKey,
  folder: string,
  others: readonly SessionRecord[],
): void {
  const holder = others.find(({ workDir }) => isAtOrIn(workDir, folder) || isAtOrIn(folder, workDir))
  if (holder === undefined) return
  throw sessionTaken(
    key,
    `the session ${describeKey(holder)} works in ${holder.workDir}`,
    describeKey(holder),
  )
}

function isAtOrIn(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** The session that holds the branch, or one that cannot exist beside it (`agent` and `agent/x`). */
export function branchHolder(branch: string, others: readonly SessionRecord[]): SessionRecord | undefined {
  return others.find((other) => other.branch !== undefined && branchesCollide(branch, other.branch))
}

/** Whether two branches cannot both exist: equal but for case, or one a folder of the other. */
export function branchesCollide(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** The error for a branch that somebody has. */
export function branchTaken(branch: string, holder: string): ContentionError {
  return new ContentionError('BRANCH_TAKEN', `the branch "${branch}" is held by ${holder}`, {
    data: { branch, holder },
  })
}

/** The error for a session that somebody has. */
export function sessionTaken(key: WorkspaceKey, why: string, holder: string): ContentionError {
  return new ContentionError('SESSION_TAKEN', `the session ${describeKey(key)} is taken: ${why}`, {
    data: { session: describeKey(key), holder },
  })
}
