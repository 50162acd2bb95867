import { isAbsolute, relative, sep } from 'node:path'
import { ContentionError } from '../errors/workspace-error.js'
import type { SessionRecord } from '../model/session-record.js'
import { describeKey, sessionKey, sessionName, type WorkspaceKey } from '../model/workspace-key.js'
import { describeOwner } from './owner.js'

/** Refuses a key whose folder another session has on file systems that ignore case. */
export function refuseSameFolder(key: WorkspaceKey, others: readonly SessionRecord[]): void {
  const name = sessionName(key).toLowerCase()
  const holder = others.find((other) => sessionName(other).toLowerCase() === name)
  if (holder === undefined) return
  throw sessionTaken(
    key,
    `the session ${describeKey(holder)} differs from it only in case`,
    describeKey(holder),
    { hint: 'Choose another task or run id.' },
  )
}

/** A folder that a session works in. */
export interface UsedFolder {
  readonly workDir: string
  /** The session, or its record where that cannot be read. */
  readonly holder: string
}

/**
 * Refuses a folder of the caller that another session works in, one inside of it and one around it: two agents in one
 * folder are not isolated.
 */
export function refuseSharedFolder(key: WorkspaceKey, folder: string, used: readonly UsedFolder[]): void {
  const found = used.find(({ workDir }) => isAtOrIn(workDir, folder) || isAtOrIn(folder, workDir))
  if (found === undefined) return
  throw sessionTaken(key, `the session ${found.holder} works in ${found.workDir}`, found.holder, {
    hint: 'Clean up the session that works there, or choose another folder.',
    retryable: true,
  })
}

function isAtOrIn(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Whether two branches cannot both exist: equal but for case, or one a folder of the other. */
export function branchesCollide(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** Who keeps a name from being used, and the branch that does. */
export interface BranchHolder {
  /** In words. */
  readonly holder: string
  /** Of the session; undefined where it is none that is known. */
  readonly key?: WorkspaceKey | undefined
  readonly branch: string
}

/** A session as the holder of a branch. */
export function sessionAsHolder(session: SessionRecord, branch: string): BranchHolder {
  const holder = `the session ${describeKey(session)} (${describeOwner(session)})`
  return { holder, key: sessionKey(session), branch }
}

/**
 * The error for a branch that somebody has. Where theirs has another name, one of the two would be a folder of
 * branches.
 */
export function branchTaken(branch: string, by: BranchHolder, cause?: unknown): ContentionError {
  const { holder, key: holderKey, branch: inTheWay } = by
  const isFolder = inTheWay.toLowerCase() !== branch.toLowerCase()
  const hint =
    `"${inTheWay}" and "${branch}" cannot both exist, since a branch cannot be a folder of branches as well. ` +
    "Choose another branch, run id or branchTemplate, or set onBranchTaken to 'suffix'."
  return new ContentionError('BRANCH_TAKEN', `the branch "${branch}" is held by ${holder}`, {
    data: {
      branch,
      holder,
      ...(holderKey && { holderKey: asData(holderKey) }),
      ...(isFolder && { inTheWay }),
    },
    ...(isFolder && { hint }),
    cause,
  })
}

function asData({ envId, taskId, runId }: WorkspaceKey): Record<string, string> {
  return { envId, taskId, ...(runId !== undefined && { runId }) }
}

/** For what stays until a person, or another request, does something about it. */
export interface TakenForGood {
  readonly hint: string
  /** Default false. True: its holder may do that by itself. */
  readonly retryable?: true
}

/** The error for a session that somebody has, or whose place something has. */
export function sessionTaken(
  key: WorkspaceKey,
  why: string,
  holder: string,
  forGood?: TakenForGood,
): ContentionError {
  const message = `the session ${describeKey(key)} is taken: ${why}`
  const named = message.includes(holder) ? message : `${message} (${holder})`
  return new ContentionError('SESSION_TAKEN', named, {
    data: { session: describeKey(key), holder },
    ...(forGood && { retryable: false, ...forGood }),
  })
}
