import { AsyncLocalStorage } from 'node:async_hooks'
import { canonicalPath } from './canonical-path.js'

interface Holding {
  readonly path: string
  /** Rejects when the lock is no longer ours. */
  readonly check: () => Promise<void>
  readonly outer: Holding | undefined
  over: boolean
}

const holdings = new AsyncLocalStorage<Holding>()

/** Whether the call that is running now runs inside an action that holds this lock. */
export function holdsAlready(path: string): boolean {
  return current().some((holding) => holding.path === path)
}

/**
 * Makes sure, right before something that cannot be taken back, that every lock which the running call acts under is
 * still its own: a machine that was suspended, or a process that was stopped, may have lost one long ago.
 *
 * With the path of one of them only that one is looked at.
 *
 * @throws the error that `withFileLock` ends with for a lost lock.
 */
export async function assertStillHolding(only?: string): Promise<void> {
  const path = only === undefined ? undefined : canonicalPath(only)
  for (const holding of current()) if (path === undefined || holding.path === path) await holding.check()
}

/** Runs an action so that the two above know about its hold, until it settles. */
export async function runHolding<T>(
  path: string,
  check: () => Promise<void>,
  action: () => Promise<T>,
): Promise<T> {
  const holding: Holding = { path, check, outer: holdings.getStore(), over: false }
  try {
    return await holdings.run(holding, action)
  } finally {
    holding.over = true
  }
}

/** Runs what others wait for as well, so that it does not end with a lock that only its first asker had. */
export function withoutHolding<T>(action: () => T): T {
  return holdings.exit(action)
}

/** Work that an action started and left behind may outlive its hold. */
function current(): Holding[] {
  const found: Holding[] = []
  for (let holding = holdings.getStore(); holding; holding = holding.outer)
    if (!holding.over) found.push(holding)
  return found
}
