import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { IntegrityError, isWorkspaceError } from '../errors/workspace-error.js'
import { writeJsonAtomic } from '../fs/atomic-write.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { withFileLock } from '../fs/locks.js'
import { namesIn } from '../fs/presence.js'
import { environmentLayout, managedReposDir } from '../model/layout.js'
import type { SessionRecord, SessionState } from '../model/session-record.js'
import { describeKey, idProblem, sessionName, type WorkspaceKey } from '../model/workspace-key.js'
import { sessionTaken } from './collisions.js'
import { describeOwner } from './owner.js'
import { readRecord } from './record-place.js'
import { isLegalTransition } from './session-states.js'
import type { SessionStore, UnreadableRecord } from './session-store.js'
import { findUnreadable, setRecordAside } from './unreadable-records.js'

export interface FileSessionStoreOptions {
  readonly root: string
  readonly lockTimeoutMs: number
  readonly onUnreadable: (file: string, error: Error, envId: string) => void
}

/** Sessions as one JSON file each; claims are serialised by the environment's lock. */
export class FileSessionStore implements SessionStore {
  readonly #options: FileSessionStoreOptions

  constructor(options: FileSessionStoreOptions) {
    this.#options = options
  }

  claim(
    key: WorkspaceKey,
    propose: (others: readonly SessionRecord[]) => Promise<SessionRecord>,
    signal?: AbortSignal,
  ): Promise<SessionRecord> {
    const lock = environmentLayout(this.#options.root, key.envId).environmentLock
    const options = { timeoutMs: this.#options.lockTimeoutMs, signal, purpose: 'environment' }
    return withFileLock(lock, options, async (lost) => {
      const holder = await this.read(key)
      if (holder) throw sessionTaken(key, `it is ${holder.state}`, describeOwner(holder))
      const record = await propose(await this.list(key.envId))
      throwIfStopped(lost)
      await assertStillHolding()
      await writeJsonAtomic(this.#file(key), record)
      return record
    })
  }

  async transition(
    key: WorkspaceKey,
    expected: readonly SessionState[],
    change: (record: SessionRecord) => SessionRecord,
  ): Promise<SessionRecord> {
    const current = await this.read(key)
    if (current === undefined) throw missing(key)
    if (!expected.includes(current.state))
      throw sessionTaken(key, `it is ${current.state}`, describeOwner(current))
    const next = change(current)
    if (!isLegalTransition(current.state, next.state)) {
      throw sessionTaken(key, `it cannot pass from ${current.state} to ${next.state}`, describeOwner(current))
    }
    await assertStillHolding()
    await writeJsonAtomic(this.#file(key), next)
    return next
  }

  async read(key: WorkspaceKey): Promise<SessionRecord | undefined> {
    return readRecord({ root: this.#options.root, envId: key.envId, file: this.#file(key) })
  }

  async list(envId?: string): Promise<SessionRecord[]> {
    const environments = envId === undefined ? await this.#environments() : [envId]
    const lists = await Promise.all(environments.map((environment) => this.#listOne(environment)))
    return lists.flat()
  }

  async unreadable(envId: string): Promise<UnreadableRecord[]> {
    const directory = this.#directory(envId)
    return findUnreadable(this.#options.root, envId, directory, await recordNames(directory))
  }

  setAside(key: WorkspaceKey): Promise<string | undefined> {
    return setRecordAside({ root: this.#options.root, envId: key.envId, file: this.#file(key) })
  }

  async release(key: WorkspaceKey): Promise<void> {
    await assertStillHolding()
    await rm(this.#file(key), { force: true })
  }

  #file(key: WorkspaceKey): string {
    return join(this.#directory(key.envId), `${sessionName(key)}.json`)
  }

  #directory(envId: string): string {
    return environmentLayout(this.#options.root, envId).sessionsDir
  }

  async #environments(): Promise<string[]> {
    const names = await namesIn(managedReposDir(this.#options.root))
    return names.filter((name) => idProblem(name) === undefined).sort()
  }

  async #listOne(envId: string): Promise<SessionRecord[]> {
    const directory = this.#directory(envId)
    const files = await recordNames(directory)
    const records = await Promise.all(files.map((name) => this.#readOrReport(join(directory, name), envId)))
    return records.filter((record) => record !== undefined)
  }

  async #readOrReport(file: string, envId: string): Promise<SessionRecord | undefined> {
    try {
      return await readRecord({ root: this.#options.root, envId, file })
    } catch (error) {
      if (!isWorkspaceError(error)) throw error
      this.#options.onUnreadable(file, error, envId)
      return undefined
    }
  }
}

async function recordNames(directory: string): Promise<string[]> {
  const names = await namesIn(directory)
  return names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort()
}

function missing(key: WorkspaceKey): IntegrityError {
  return new IntegrityError('WORKSPACE_MISSING', `there is no session ${describeKey(key)}`, {
    data: { session: describeKey(key) },
  })
}
