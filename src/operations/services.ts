import type { EventBus } from '../events/event-bus.js'
import type { BackgroundDeletions } from '../fs/background-deletions.js'
import type { Git } from '../git/git.js'
import type { Semaphore } from '../git/semaphore.js'
import type { FetchFailures } from '../mirror/fetch-failures.js'
import type { TreeSizes } from '../mirror/tree-sizes.js'
import type { ManagerSettings } from '../model/options.js'
import type { OwnerLease } from '../sessions/owner-lease.js'
import type { SessionStore } from '../sessions/session-store.js'
import type { Strategy } from '../strategies/strategy.js'
import type { CheckoutNotices } from './creating/checkout-notices.js'

export type OperationName = 'prepare' | 'refresh' | 'finish' | 'cleanup' | 'recover' | 'sweep' | 'restore'

/** Everything an operation works with. Tests replace single parts. */
export interface Services {
  readonly settings: ManagerSettings
  readonly git: Git
  readonly strategies: ReadonlyMap<string, Strategy>
  readonly store: SessionStore
  /** Tells other hosts that this process lives, and this one whether another host's does. */
  readonly lease: OwnerLease
  readonly events: EventBus
  readonly notices: CheckoutNotices
  /** What remotes did not answer, for all who ask together. */
  readonly fetchFailures: FetchFailures
  /** Whether checkouts keep to limits. */
  readonly treeSizes: TreeSizes
  /** Empties the trash while calls go on. */
  readonly deletions: BackgroundDeletions
  /** Bounds how many checkouts write files at once. */
  readonly checkouts: Semaphore
  readonly now: () => Date
  /** The orchestrator's environment, for what its agents inherit by name. */
  readonly orchestrator: NodeJS.ProcessEnv
  /** Called before each named step; what it throws fails the step. Tests inject faults here. */
  readonly beforeStep: (operation: OperationName, step: string) => void | Promise<void>
}
