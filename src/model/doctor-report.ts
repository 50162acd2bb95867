import type { WorkspaceKey } from './workspace-key.js'

/**
 * What is looked at.
 *
 * @see {@link Manager.doctor}
 */
export type DoctorCheck =
  | 'git'
  | 'root'
  | 'permissions'
  | 'file-system'
  | 'free-space'
  | 'mirror'
  | 'owners'
  | 'workspaces'
  | 'archives'
  | 'orphans'
  | 'leftovers'

/**
 * What puts a finding right. `fix`: the doctor itself, without losing anything. `sweep`, `cleanup` and `finish`: that
 * verb, for the finding's environment or key. `prepare`: the next prepare does. `permit`: this user
 * owns `path`, and may not use it until its permissions say so. `own`: `path` belongs to another user, or can only be
 * made by one. `move`: a person is to move `path` out of the way. `install`: a newer git. `update`: a newer
 * version of this package. `free-space`: a sweep with shorter ages, or a larger disk. `look`: a person.
 *
 * @see {@link Manager.doctor}
 */
export type DoctorRemedy =
  | 'fix'
  | 'sweep'
  | 'cleanup'
  | 'finish'
  | 'prepare'
  | 'permit'
  | 'own'
  | 'move'
  | 'install'
  | 'update'
  | 'free-space'
  | 'look'

/**
 * One thing that was looked at, and how it was found.
 *
 * @see {@link Manager.doctor}
 */
export interface DoctorFinding {
  /** What was looked at. */
  readonly check: DoctorCheck
  /** `ok` and `note` ask for nothing; `problem` does. */
  readonly level: 'ok' | 'note' | 'problem'
  /** The fact, in words a person understands. */
  readonly message: string
  /** Where it is. */
  readonly path?: string | undefined
  /** Whose it is. */
  readonly key?: WorkspaceKey | Pick<WorkspaceKey, 'envId'> | undefined
  /** What puts it right; absent where nothing is wrong. */
  readonly remedy?: DoctorRemedy | undefined
  /** With the mode `fix`: it has been put right. */
  readonly fixed?: true | undefined
  /** With the mode `fix`: why it could not be. */
  readonly error?: string | undefined
}

/**
 * How a doctor goes about it.
 *
 * @see {@link Manager.doctor}
 */
export interface DoctorOptions {
  /** `look` (default) changes nothing; `fix` puts right what can be put right without losing anything. */
  readonly mode?: 'look' | 'fix' | undefined
  /** Ends the call, which then rejects with ABORTED and leaves nothing half done. */
  readonly signal?: AbortSignal | undefined
}

/**
 * All that was looked at.
 *
 * @see {@link Manager.doctor}
 */
export interface DoctorReport {
  /** In the order of the checks. */
  readonly findings: readonly DoctorFinding[]
  /** Problems that are still there. */
  readonly problems: number
  /** How many have been put right. */
  readonly fixed: number
}
