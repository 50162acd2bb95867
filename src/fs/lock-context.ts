import { AsyncLocalStorage } from 'node:async_hooks'

interface Holding {
  readonly path: string
  readonly outer: Holding | undefined
  over: boolean
}

const holdings = new AsyncLocalStorage<Holding>()

/** Whether the call that is running now runs inside an action that holds this lock. */
export function holdsAlready(path: string): boolean {
  for (let holding = holdings.getStore(); holding; holding = holding.outer) {
    // Work that an action started and left behind may outlive its hold.
    if (holding.path === path && !holding.over) return true
  }
  return false
}

/** Runs an action so that `holdsAlready` knows about its hold, until it settles. */
export async function runHolding<T>(path: string, action: () => Promise<T>): Promise<T> {
  const holding: Holding = { path, outer: holdings.getStore(), over: false }
  try {
    return await holdings.run(holding, action)
  } finally {
    holding.over = true
  }
}
