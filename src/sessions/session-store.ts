import type { SessionRecord, SessionState } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'

/** A record that is there and cannot be read. */
export interface UnreadableRecord {
  /** Where it is, for a person to look at. */
  readonly place: string
  readonly key: WorkspaceKey | undefined
  readonly cause: 'corrupt' | 'newer format' | 'other root'
  /** With `other root`: the root that it was made for, which has been moved or copied to this one. */
  readonly madeFor: string | undefined
  /** The folder that its session works in, where a newer format still tells it. */
  readonly workDir: string | undefined
  /** The branch that its session has, where a newer format still tells it. */
  readonly branch: string | undefined
}

export type ProposeRecord = (
  others: readonly SessionRecord[],
  unreadable: readonly UnreadableRecord[],
) => Promise<SessionRecord>

/**
 * The registry of sessions. Nothing in here tells how it is stored, so that a database can take the place of
 * files.
 */
export interface SessionStore {
  /**
   * Makes a record that must not exist yet. `propose` sees every other record of the environment, and what is known of
   * those that cannot be read, and answers with the record, or rejects; no other claim in the environment, in any
   * process, runs meanwhile.
   *
   * @throws ContentionError SESSION_TAKEN where the key has a record already.
   */
  claim(key: WorkspaceKey, propose: ProposeRecord, signal?: AbortSignal): Promise<SessionRecord>
  /**
   * Replaces a record that is in one of the expected states.
   *
   * @throws IntegrityError WORKSPACE_MISSING where there is none, ContentionError SESSION_TAKEN where it is in
   * another state.
   */
  transition(
    key: WorkspaceKey,
    expected: readonly SessionState[],
    change: (record: SessionRecord) => SessionRecord,
  ): Promise<SessionRecord>
  read(key: WorkspaceKey): Promise<SessionRecord | undefined>
  /** Readable records, by key. Unreadable ones are passed to `onUnreadable` and left alone. */
  list(envId?: string): Promise<SessionRecord[]>
  /** The records that cannot be read, in one environment or in all. */
  unreadable(envId?: string): Promise<UnreadableRecord[]>
  /**
   * Takes a record that cannot be read out of the way, without deleting it, so that its key can be used again.
   * One that can be read, or was written by a newer version, stays.
   *
   * @returns where it is now, or undefined where nothing was done.
   */
  setAside(key: WorkspaceKey): Promise<string | undefined>
  /** Removes the record; nothing happens where there is none. */
  release(key: WorkspaceKey): Promise<void>
}
