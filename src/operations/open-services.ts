import { auditLog } from '../events/audit-log.js'
import { EventBus } from '../events/event-bus.js'
import { BackgroundDeletions } from '../fs/background-deletions.js'
import { Git } from '../git/git.js'
import { Semaphore } from '../git/semaphore.js'
import { FetchFailures } from '../mirror/fetch-failures.js'
import { TreeSizes } from '../mirror/tree-sizes.js'
import type { ManagerSettings } from '../model/options.js'
import { FileSessionStore } from '../sessions/file-session-store.js'
import { OwnerLease } from '../sessions/owner-lease.js'
import { builtInStrategies } from '../strategies/catalogue.js'
import type { Strategy } from '../strategies/strategy.js'
import { CheckoutNotices } from './creating/checkout-notices.js'
import type { Services } from './services.js'

/** Wires the services of one manager. Tests hand in their own parts. */
export function openServices(
  settings: ManagerSettings,
  customStrategies: readonly Strategy[] = [],
  parts: Partial<Services> = {},
): Services {
  const now = parts.now ?? (() => new Date())
  const lease = parts.lease ?? new OwnerLease(settings.root)
  const git = parts.git ?? openGit(settings, lease)
  const events = parts.events ?? new EventBus(now)
  if (settings.auditLog) events.tap(auditLog({ root: settings.root }))
  const strategies = [...Object.values(builtInStrategies(git)), ...customStrategies]
  return {
    settings,
    git,
    events,
    now,
    strategies: new Map(strategies.map((strategy) => [strategy.name, strategy])),
    store: new FileSessionStore({
      root: settings.root,
      lockTimeoutMs: settings.lockTimeoutMs,
      onUnreadable: (file, error, envId) =>
        events.emit(
          'warning',
          { key: { envId } },
          { code: 'RECORD_CORRUPT', message: naming(file, error.message) },
        ),
    }),
    lease,
    notices: new CheckoutNotices(git),
    fetchFailures: new FetchFailures(),
    treeSizes: new TreeSizes(git),
    deletions: new BackgroundDeletions(),
    checkouts: new Semaphore(settings.maxConcurrentCheckouts),
    orchestrator: process.env,
    beforeStep: () => {
      // Nothing is to be injected outside tests.
    },
    ...parts,
  }
}

function naming(file: string, message: string): string {
  return message.includes(file) ? message : `${message}: ${file}`
}

function openGit({ root, gitTimeoutMs }: ManagerSettings, lease: OwnerLease): Git {
  return new Git({ gitTimeoutMs, ownDirectory: root, othersAtWork: () => lease.othersAtWork() })
}
