import { asStorageFailure } from '../fs/storage-failure.js'
import {
  type CallOptions,
  parseCallOptions,
  parseCleanupOptions,
  parseKey,
  parseOutcome,
  parseRefreshOptions,
} from '../model/call-options.js'
import type { CleanupOptions, CleanupReport, RefreshOptions, RefreshReport } from '../model/reports.js'
import type { Outcome, SessionRecord } from '../model/session-record.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import type { SessionIdentity } from '../sessions/session-identity.js'
import { cleanup } from './cleanup.js'
import { finish } from './finish.js'
import { refresh } from './refresh.js'
import { planCleanup } from './removing/plan-cleanup.js'
import type { RunningCalls } from './running-calls.js'
import type { Services } from './services.js'

/**
 * The verbs for one session, as callers ask for them: by its key, whoever has that by now, or as a handle, which names
 * its session and is late where another one has the key.
 */
export class SessionVerbs {
  readonly #services: Services
  readonly #calls: RunningCalls

  constructor(services: Services, calls: RunningCalls) {
    this.#services = services
    this.#calls = calls
  }

  async refresh(
    key: WorkspaceKey,
    options: RefreshOptions | undefined,
    only?: SessionIdentity,
  ): Promise<RefreshReport> {
    const parsed = parseKey(key)
    const settings = parseRefreshOptions(options)
    return this.#run(settings.signal, (signal) =>
      refresh(this.#services, parsed, { ...settings, signal }, only),
    )
  }

  async finish(
    key: WorkspaceKey,
    outcome: Outcome,
    options: CallOptions | undefined,
    only?: SessionIdentity,
  ): Promise<SessionRecord> {
    const parsed = parseKey(key)
    const parsedOutcome = parseOutcome(outcome)
    return this.#run(parseCallOptions(options).signal, (signal) =>
      finish(this.#services, parsed, parsedOutcome, signal, only),
    )
  }

  async cleanup(
    key: WorkspaceKey,
    options: CleanupOptions | undefined,
    only?: SessionIdentity,
  ): Promise<CleanupReport> {
    const parsed = parseKey(key)
    const settings = parseCleanupOptions(options)
    const verb = settings.dryRun ? planCleanup : cleanup
    return this.#run(settings.signal, (signal) => verb(this.#services, parsed, { ...settings, signal }, only))
  }

  /** What the system refused is said with the path that it was about. */
  #run<T>(signal: AbortSignal | undefined, verb: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#calls.run(signal, async (combined) => {
      try {
        return await verb(combined)
      } catch (error) {
        throw asStorageFailure(error, this.#services.settings.root)
      }
    })
  }
}
