import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { IntegrityError, isWorkspaceError } from '../errors/workspace-error.js'
import { writeJsonAtomic } from '../fs/atomic-write.js'
import { inTurns } from '../fs/in-turns.js'
import { assertStillHolding } from '../fs/lock-context.js'
import { namesIn } from '../fs/presence.js'
import { environmentLayout } from '../model/layout.js'
import type { SessionRecord, SessionState } from '../model/session-record.js'
import { describeKey, sessionName, type WorkspaceKey } from '../model/workspace-key.js'
import { ClaimLine, type MakeClaim } from './claim-line.js'
import { sessionTaken } from './collisions.js'
import { environmentIds } from './environment-ids.js'
import { describeOwner } from './owner.js'
import { RecordCache } from './record-cache.js'
import { type RecordFile, readRecord } from './record-place.js'
import { isLegalTransition } from './session-states.js'
import type { ProposeRecord, SessionStore, UnreadableRecord } from './session-store.js'
import { findUnreadable, setRecordAside } from './unreadable-records.js'

export interface FileSessionStoreOptions {
  readonly root: string
  readonly lockTimeoutMs: number
  readonly onUnreadable: (file: string, error: Error, envId: string) => void
}

type ReadRecord = (place: RecordFile) => Promise<SessionRecord | undefined>

/** Sessions as one JSON file each; claims are serialised by the environment's lock. */
export class FileSessionStore implements SessionStore {
  readonly #options: FileSessionStoreOptions
  readonly #cache = new RecordCache()
  readonly #lines = new Map<string, ClaimLine>()
  /** By environment: what the latest look at the others of a claim could not read. */
  readonly #unreadNames = new Map<string, readonly string[]>()

  constructor(options: FileSessionStoreOptions) {
    this.#options = options
  }

  claim(key: WorkspaceKey, propose: ProposeRecord, signal?: AbortSignal): Promise<SessionRecord> {
    const options = { timeoutMs: this.#options.lockTimeoutMs, signal, purpose: 'environment' }
    const make: MakeClaim = async (others, mayGoOn) => {
      throwIfStopped(signal)
      const holder = await this.read(key)
      if (holder) throw sessionTaken(key, `it is ${holder.state}`, describeOwner(holder))
      const record = await propose(others, await this.#unread(key.envId))
      throwIfStopped(signal)
      await Promise.all([assertStillHolding(), mayGoOn()])
      // Nothing is made before the next write of it, so that a power cut may take it away.
      await writeJsonAtomic(this.#file(key), record, { outlives: 'process' })
      return record
    }
    return this.#lineOf(key.envId).claim(make, options)
  }

  #lineOf(envId: string): ClaimLine {
    const lock = environmentLayout(this.#options.root, envId).environmentLock
    const line = this.#lines.get(envId) ?? new ClaimLine(lock, () => this.#others(envId))
    this.#lines.set(envId, line)
    return line
  }

  async transition(
    key: WorkspaceKey,
    expected: readonly SessionState[],
    change: (record: SessionRecord) => SessionRecord,
  ): Promise<SessionRecord> {
    const [current] = await Promise.all([this.read(key), assertStillHolding()])
    if (current === undefined) throw missing(key)
    if (!expected.includes(current.state))
      throw sessionTaken(key, `it is ${current.state}`, describeOwner(current))
    const next = change(current)
    if (!isLegalTransition(current.state, next.state)) {
      throw sessionTaken(key, `it cannot pass from ${current.state} to ${next.state}`, describeOwner(current))
    }
    const outlives = saysTheSame(current, next) ? 'power cut, old or new' : 'power cut'
    await writeJsonAtomic(this.#file(key), next, { outlives })
    return next
  }

  async read(key: WorkspaceKey): Promise<SessionRecord | undefined> {
    return readRecord({ root: this.#options.root, envId: key.envId, file: this.#file(key) })
  }

  async list(envId?: string): Promise<SessionRecord[]> {
    const environments = await environmentIds(this.#options.root, envId)
    const lists = await Promise.all(environments.map((environment) => this.#listOne(environment)))
    return lists.flat()
  }

  async unreadable(envId?: string): Promise<UnreadableRecord[]> {
    const environments = await environmentIds(this.#options.root, envId)
    const lists = environments.map(async (environment) => {
      const directory = this.#directory(environment)
      return findUnreadable(this.#options.root, environment, directory, await recordNames(directory))
    })
    return (await Promise.all(lists)).flat()
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

  async #listOne(envId: string): Promise<SessionRecord[]> {
    return this.#readAll(envId, await this.#files(envId), readRecord)
  }

  /** For claims, which hold a lock that all wait for. */
  async #others(envId: string): Promise<SessionRecord[]> {
    const files = await this.#files(envId)
    this.#cache.keepOnly(this.#directory(envId), files)
    const records = await this.#readAll(envId, files, (place) => this.#cache.read(place))
    const read = new Set(records.map((record) => `${sessionName(record)}.json`))
    const names = files.map((file) => basename(file))
    this.#unreadNames.set(
      envId,
      names.filter((name) => !read.has(name)),
    )
    return records
  }

  #unread(envId: string): Promise<UnreadableRecord[]> {
    const names = this.#unreadNames.get(envId) ?? []
    return findUnreadable(this.#options.root, envId, this.#directory(envId), names)
  }

  async #files(envId: string): Promise<string[]> {
    const directory = this.#directory(envId)
    return (await recordNames(directory)).map((name) => join(directory, name))
  }

  async #readAll(envId: string, files: readonly string[], read: ReadRecord): Promise<SessionRecord[]> {
    const records: (SessionRecord | undefined)[] = []
    for await (const some of inTurns(files))
      records.push(...(await Promise.all(some.map((file) => this.#readOrReport(file, envId, read)))))
    return records.filter((record) => record !== undefined)
  }

  async #readOrReport(file: string, envId: string, read: ReadRecord): Promise<SessionRecord | undefined> {
    try {
      return await read({ root: this.#options.root, envId, file })
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

/**
 * Whether nothing but the time and the owner is new, as when a ready workspace is handed out again. After a power cut the
 * earlier record is as good: no owner on this host has outlived it.
 */
function saysTheSame(current: SessionRecord, next: SessionRecord): boolean {
  const { owner, updatedAt } = next
  return JSON.stringify({ ...current, owner, updatedAt }) === JSON.stringify(next)
}

function missing(key: WorkspaceKey): IntegrityError {
  return new IntegrityError('WORKSPACE_MISSING', `there is no session ${describeKey(key)}`, {
    data: { session: describeKey(key) },
  })
}
